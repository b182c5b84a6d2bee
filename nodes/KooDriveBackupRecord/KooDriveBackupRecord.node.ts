import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { credentialTest } from '../shared/credentialTest';
import { systemClock } from '../shared/retry/clock';
import { executeOperation } from '../shared/run/executeOperation';
import { propertiesOf } from '../shared/run/properties';
import { operations } from './operations';

export class KooDriveBackupRecord implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'KooDrive Backup Record',
		name: 'kooDriveBackupRecord',
		icon: {
			light: 'file:../../icons/koodriveRecord.svg',
			dark: 'file:../../icons/koodriveRecord.dark.svg',
		},
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description: 'Begin and complete KooDrive backups, look for them, and clear old ones away',
		defaults: { name: 'KooDrive Backup Record' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'kooDriveApi', required: true, testedBy: 'kooDriveApiTest' }],
		properties: propertiesOf(operations, 'getAll'),
	};

	methods = { credentialTest };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await executeOperation(this, operations, systemClock);
	}
}
