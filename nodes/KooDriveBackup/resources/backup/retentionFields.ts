import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { ItemParameters } from '../../../shared/descriptions/itemParameters';
import { readWholeNumber } from '../../../shared/descriptions/readNumber';
import type { RetentionPolicy, RetentionRule } from './retention';

interface RuleField extends INodeProperties {
	name: RetentionRule;
}

const ruleFields: RuleField[] = [
	{
		displayName: 'Keep Daily',
		name: 'keepDaily',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 0 },
		default: 7,
		description:
			"Keep the newest backup of each day, for this many days. Days without a backup don't count. Days begin at midnight in the workflow's timezone.",
	},
	{
		displayName: 'Keep Last',
		name: 'keepLast',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 0 },
		default: 7,
		description: 'Keep this many of the newest backups',
	},
	{
		displayName: 'Keep Monthly',
		name: 'keepMonthly',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 0 },
		default: 12,
		description:
			"Keep the newest backup of each month, for this many months. Months without a backup don't count.",
	},
	{
		displayName: 'Keep Weekly',
		name: 'keepWeekly',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 0 },
		default: 4,
		description:
			"Keep the newest backup of each week (Monday to Sunday), for this many weeks. Weeks without a backup don't count.",
	},
];

/** The Retention field. */
export const retentionField: INodeProperties = {
	displayName: 'Retention',
	name: 'retention',
	type: 'collection',
	placeholder: 'Add Rule',
	default: { keepLast: 7 },
	description:
		'Which completed backups of each device to keep. A backup stays if any rule keeps it. 0 turns a rule off.',
	options: ruleFields,
};

/** @throws UserError when a rule isn't a whole number of at least 0, or no rule keeps a backup */
export function readRetentionPolicy(item: ItemParameters): RetentionPolicy {
	const policy: RetentionPolicy = { keepLast: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0 };
	for (const field of ruleFields) policy[field.name] = readRule(item, field);
	if (Object.values(policy).some((count) => count > 0)) return policy;
	throw new UserError(
		"'Retention' must keep at least one backup. Set one of its rules, such as 'Keep Last', to 1 or more.",
	);
}

function readRule(item: ItemParameters, field: RuleField): number {
	const value = item.getParameter(`retention.${field.name}`) ?? '';
	const isEmpty = typeof value === 'string' && value.trim() === '';
	return isEmpty ? 0 : readWholeNumber(value, field.displayName, field);
}
