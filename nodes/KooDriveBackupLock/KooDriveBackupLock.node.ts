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

import { executeOperation } from '../shared/run/executeOperation';
import { operations } from './operations';
import { optionsField } from '../shared/run/settings';
import { testCredential } from '../shared/credentialTest';
import { systemClock } from '../shared/retry/clock';

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
