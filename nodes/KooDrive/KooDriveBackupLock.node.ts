import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IExecuteFunctions,
	INodeCredentialTestResult,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { executeOperation } from './backupLock/execute';
import { operations } from './backupLock';
import { optionsField } from './backupLock/settings';
import { testCredential } from './credentialTest';
import { systemClock } from './transport/clock';

export class KooDriveBackupLock implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'KooDrive Backup Lock',
		name: 'kooDriveBackupLock',
		icon: { light: 'file:koodrive.svg', dark: 'file:koodrive.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description: 'Keep the lock of a KooDrive backup alive, which otherwise dies after 10 minutes',
		defaults: { name: 'KooDrive Backup Lock' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'kooDriveApi', required: true, testedBy: 'kooDriveApiTest' }],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: operations.map(({ option }) => option),
				default: 'renew',
			},
			...operations.flatMap(({ fields }) => fields),
			optionsField,
		],
	};

	methods = {
		credentialTest: {
			async kooDriveApiTest(
				this: ICredentialTestFunctions,
				credential: ICredentialsDecrypted,
			): Promise<INodeCredentialTestResult> {
				return await testCredential(this, credential, systemClock);
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await executeOperation(this, systemClock);
	}
}
