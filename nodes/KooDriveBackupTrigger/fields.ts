import { UserError } from 'n8n-workflow';

import { deviceField, moduleCodeField } from '../shared/execution/commonFields';
import type { Field } from '../shared/execution/fields';
import { numberField, showFor } from '../shared/execution/fields';

type EventName = 'backupCompleted' | 'backupOverdue';

const event: Field<EventName> = {
	property: {
		displayName: 'Trigger On',
		name: 'event',
		type: 'options',
		options: [
			{
				name: 'Backup Completed',
				value: 'backupCompleted',
				description: 'A backup of the device was completed',
			},
			{
				name: 'Backup Overdue',
				value: 'backupOverdue',
				description: 'The device has no completed backup that is recent enough',
			},
		],
		default: 'backupOverdue',
		description: 'What starts the workflow',
	},
	read(value) {
		if (value === 'backupCompleted' || value === 'backupOverdue') return value;
		throw new UserError(
			"'Trigger On' must be backupCompleted or backupOverdue. Select one from the list.",
		);
	},
};

export const fields = {
	event,
	hours: showFor(
		'event',
		'backupOverdue',
		numberField({
			displayName: 'Overdue After (Hours)',
			name: 'hours',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 87_600, numberPrecision: 0 },
			default: 26,
			description:
				'How many hours after the creation of the latest completed backup the next one is overdue (1 to 87600). For a nightly backup, 26 leaves it two hours.',
		}),
	),
	deviceId: deviceField('The device whose backups to watch'),
	moduleCode: moduleCodeField('The type of the backups'),
};
