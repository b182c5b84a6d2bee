import type { INodeProperties } from 'n8n-workflow';

import type { ItemParameters } from '../shared/descriptions/itemParameters';
import { readNumberOption } from '../shared/descriptions/requestOptions';
import type { HoldOptions } from '../shared/execution/nodeLeases';
import { toReleaseLockRequest, toRenewLockRequest } from '../shared/locks/lockRequests';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const renewEveryOption: INodeProperties = {
	displayName: 'Renew Every (Seconds)',
	name: 'renewEvery',
	type: 'number',
	typeOptions: { minValue: 10, maxValue: 540, numberPrecision: 0 },
	default: 200,
	description:
		'Seconds between renewals (10 to 540). With the default of 200, the lock survives two missed renewals.',
};

const stopAfterOption: INodeProperties = {
	displayName: 'Stop After (Minutes)',
	name: 'stopAfter',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 10_080, numberPrecision: 0 },
	default: 1_440,
	description:
		'Minutes after which renewing stops even if the workflow is still running (1 to 10080, a week). Set it to more than your longest backup takes.',
};

/** How a lock is renewed in the background. */
export const renewalOptions = [renewEveryOption, stopAfterOption];

/** When a lock is renewed in the background, in milliseconds. */
export type RenewalTiming = Pick<HoldOptions, 'renewEvery' | 'stopAfter'>;

/**
 * @param collection the path of the parameter that contains the fields
 * @throws UserError when a field isn't a whole number within its bounds
 */
export function readRenewalTiming(item: ItemParameters, collection: string): RenewalTiming {
	return {
		renewEvery: readNumberOption(item, renewEveryOption, collection) * SECOND,
		stopAfter: readNumberOption(item, stopAfterOption, collection) * MINUTE,
	};
}

/** @param releaseAtEnd whether to release the lock when the execution ends */
export function toHoldOptions(
	lockId: string,
	timing: RenewalTiming,
	releaseAtEnd: boolean,
): HoldOptions {
	return {
		...timing,
		renewal: toRenewLockRequest(lockId),
		...(releaseAtEnd && { release: toReleaseLockRequest(lockId) }),
	};
}
