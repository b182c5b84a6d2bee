import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { credentialTest } from '../shared/credentialTest';
import { executeOperation } from '../shared/execution/executeOperation';
import { createNodeProperties } from '../shared/execution/nodeProperties';
import { systemClock } from '../shared/http/clock';
import { searchDevices } from '../shared/listSearch/devices';
import { searchCompletedRecords, searchRecords } from '../shared/listSearch/records';
import { resources } from './resources';

export class KooDriveBackup implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'KooDrive Backup',
		name: 'kooDriveBackup',
		icon: {
			light: 'file:../../icons/koodriveBackup.svg',
			dark: 'file:../../icons/koodriveBackup.dark.svg',
		},
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Back up files to KooDrive, restore them, and manage backup records and devices',
		defaults: { name: 'KooDrive Backup' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'kooDriveApi', required: true, testedBy: 'kooDriveApiTest' }],
		properties: createNodeProperties(resources),
	};

	methods = {
		credentialTest,
		// n8n calls each by the name in a field's typeOptions.
		listSearch: { searchDevices, searchRecords, searchCompletedRecords },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await executeOperation(this, resources, systemClock);
	}
}
