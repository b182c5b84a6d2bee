import type { INodeProperties } from 'n8n-workflow';

import { lockId, lockIdField, notLost } from '../../shared/parameters/lockId';
import type { Item, KeepAlive, Operation } from '../../shared/run/operation';
import { readOption } from '../../shared/run/settings';
import { singleCall } from '../../shared/run/singleCall';
import { includeLockDetailsOption } from '../fields';
import { lockRequest } from '../lockRequest';
import { renewedLock } from '../renewal';
import { lockWords } from '../words';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const renewEveryOption: INodeProperties = {
	displayName: 'Renew Every (Seconds)',
	name: 'renewEvery',
	type: 'number',
	typeOptions: { minValue: 10, maxValue: 540, numberPrecision: 0 },
	default: 200,
	description:
		'How many seconds lie between two renewals (10 to 540). At 200, two may be missed before the lock dies.',
};

const stopAfterOption: INodeProperties = {
	displayName: 'Stop After (Minutes)',
	name: 'stopAfter',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 10_080, numberPrecision: 0 },
	default: 1_440,
	description:
		'After how many minutes renewing ends even if the workflow has not (1 to 10080, a week). A last resort: set it to more than your longest backup takes.',
};

const releaseAtEndOption: INodeProperties = {
	displayName: 'Release at End',
	name: 'releaseAtEnd',
	type: 'boolean',
	default: false,
	description:
		'Whether to give the lock back when the workflow ends, be it by success, by failure or because it is stopped, unless a step has released it before',
};

/** Renews a lock until the workflow ends. Source: KooDrive API Reference, "Backup Lock Renewal". */
export const keepAlive: Operation = {
	option: {
		name: 'Keep Alive',
		value: 'keepAlive',
		action: 'Keep a backup lock alive until the workflow ends',
		description:
			'Renew a backup lock now, and again and again in the background until the workflow ends. As the tool of an AI agent it ends with the execution of the agent.',
	},
	fields: [
		lockIdField(
			'The lock that the backup holds. It is renewed in the background while the steps after this one run, so that none of them may take too long.',
		),
	],
	options: [includeLockDetailsOption, releaseAtEndOption, renewEveryOption, stopAfterOption],
	words: { ...lockWords, done: 'kept alive' },
	subject: 'lockId',
	run: singleCall({
		before: (item, background) => {
			background.check();
			howToKeep(item);
			return notLost(item, background);
		},
		toRequest: (item) => lockRequest('PATCH', item),
		toOutput: renewedLock,
		afterwards: ({ item, sentAt }, background) =>
			background.keep(lockId(item), howToKeep(item), sentAt),
	}),
};

function howToKeep(item: Item): KeepAlive {
	return {
		renewal: lockRequest('PATCH', item),
		...(item.parameter('options.releaseAtEnd') === true && {
			release: lockRequest('DELETE', item),
		}),
		renewEvery: readOption(item, renewEveryOption) * SECOND,
		stopAfter: readOption(item, stopAfterOption) * MINUTE,
	};
}
