import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { credentialTest } from '../shared/credentialTest';
import { systemClock } from '../shared/http/clock';
import { executeOperation } from '../shared/execution/executeOperation';
import { createNodeProperties } from '../shared/execution/nodeProperties';
import { resources } from './operations';

export class KooDriveBackupLock implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'KooDrive Backup Lock',
		name: 'kooDriveBackupLock',
		icon: { light: 'file:../../icons/koodrive.svg', dark: 'file:../../icons/koodrive.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description: 'Create, renew, keep alive, and release KooDrive backup locks',
		defaults: { name: 'KooDrive Backup Lock' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'kooDriveApi', required: true, testedBy: 'kooDriveApiTest' }],
		properties: createNodeProperties(resources),
	};

	methods = { credentialTest };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await executeOperation(this, resources, systemClock);
	}
}
