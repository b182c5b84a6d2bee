import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { credentialTest } from '../shared/credentialTest';
import { systemClock } from '../shared/http/clock';
import { searchDevices } from '../shared/listSearch/devices';
import { fields } from './fields';
import { pollBackups } from './poll';

export class KooDriveBackupTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'KooDrive Backup Trigger',
		name: 'kooDriveBackupTrigger',
		icon: {
			light: 'file:../../icons/koodriveBackup.svg',
			dark: 'file:../../icons/koodriveBackup.dark.svg',
		},
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["event"] }}',
		// n8n's nodes panel shows this for KooDrive Backup too: both are one entry there.
		description:
			'Back up and restore files, or start the workflow when a backup is overdue or completed',
		defaults: { name: 'KooDrive Backup Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'kooDriveApi', required: true, testedBy: 'kooDriveApiTest' }],
		properties: Object.values(fields).map(({ property }) => property),
	};

	methods = { credentialTest, listSearch: { searchDevices } };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await pollBackups(this, systemClock);
	}
}
