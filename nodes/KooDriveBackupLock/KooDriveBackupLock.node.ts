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

export class KooDriveBackupLock implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'KooDrive Backup Lock',
		name: 'kooDriveBackupLock',
		icon: { light: 'file:../../icons/koodrive.svg', dark: 'file:../../icons/koodrive.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description: 'Keep the lock of a KooDrive backup alive, which otherwise dies after 10 minutes',
		defaults: { name: 'KooDrive Backup Lock' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'kooDriveApi', required: true, testedBy: 'kooDriveApiTest' }],
		properties: propertiesOf(operations, 'renew'),
	};

	methods = { credentialTest };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await executeOperation(this, operations, systemClock);
	}
}
