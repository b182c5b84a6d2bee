import fc from 'fast-check';

import type { ReasonName } from '../../../dist/nodes/shared/failures/reasons';
import { REASONS, reasonOf } from '../../../dist/nodes/shared/failures/reasons';
import type { CallResult } from '../../../dist/nodes/shared/transport/result';
import { failed } from '../../../dist/nodes/shared/transport/result';
import type { CallOutcome, RetryPolicy } from '../../../dist/nodes/shared/retry/retry';
import { callWithRetries, DEADLINE } from '../../../dist/nodes/shared/retry/retry';
import { RetryQuota } from '../../../dist/nodes/shared/retry/retryQuota';
import { ServerClock } from '../../../dist/nodes/shared/retry/serverClock';
import { TestClock } from '../../engine/testClock';
import { SimulatedClock } from '../../simulator/clock';

const success: CallResult = { ok: true, answer: { body: { code: 0 } } };
const policy: RetryPolicy = { maxTries: 4, timeout: 10_000, repeatable: true };

/** Runs a call that meets these results in turn, each after its time, and then succeeds. */
async function call(
	results: Array<{ result: CallResult; takes?: number }>,
	given: Partial<RetryPolicy> = {},
	quota = new RetryQuota(),
): Promise<CallOutcome & { waits: number[]; took: number; timeouts: number[] }> {
	const service = new SimulatedClock();
	const clock = new TestClock(service);
	const timeouts: number[] = [];
	const rest = [...results];
	const began = clock.now();
	const outcome = await callWithRetries(
		async ({ timeout }) => {
			timeouts.push(timeout);
			const { result, takes = 0 } = rest.shift() ?? { result: success };
			service.advance(Math.min(takes, timeout));
			return result;
		},
		{ ...policy, ...given },
		{ clock, quota, serverClock: new ServerClock(clock), cancelSignal: undefined },
	);
	return { ...outcome, waits: clock.waits, took: clock.now() - began, timeouts };
}

const names = Object.keys(REASONS) as ReasonName[];
const retried: ReasonName[] = [
	'connectionRefused',
	'connectionReset',
	'connectionFailed',
	'hostUnreachable',
	'connectTimedOut',
	'timedOut',
	'nameLookupFailed',
	'answerCutShort',
	'tooManyRequests',
	'unavailable',
	'serverFailed',
];
const surelyNotDone: ReasonName[] = [
	'connectionRefused',
	'hostUnreachable',
	'connectTimedOut',
	'nameLookupFailed',
	'tooManyRequests',
	'unavailable',
];

test.each(names)(
	'a call that may be repeated is tried again after %s only where that can help',
	async (name) => {
		const outcome = await call([{ result: failed(name) }]);
		expect(outcome.ok).toBe(retried.includes(name));
		expect(outcome.tries).toBe(retried.includes(name) ? 2 : 1);
	},
);

test.each(names)(
	'a call that may not be repeated is tried again after %s only if it was surely not carried out',
	async (name) => {
		const outcome = await call([{ result: failed(name) }], { repeatable: false });
		expect(outcome.tries).toBe(surelyNotDone.includes(name) ? 2 : 1);
	},
);

test('only a call that reached KooDrive, or may have, leaves open whether it was carried out', () => {
	const mayBeDone = names.filter((name) => reasonOf(name).mayBeDone);
	expect(mayBeDone.sort()).toEqual([
		'answerCutShort',
		'connectionFailed',
		'connectionReset',
		'lockIdMissing',
		'notKooDrive',
		'serverFailed',
		'stopped',
		'timedOut',
	]);
});

test('only what keeps every request from KooDrive counts towards leaving out the rest', () => {
	const unreachable = names.filter((name) => reasonOf(name).unreachable === true);
	expect(unreachable.sort()).toEqual([
		'certificateNotTrusted',
		'connectTimedOut',
		'connectionRefused',
		'encryptionFailed',
		'hostUnreachable',
		'nameLookupFailed',
		'nameNotFound',
	]);
});

test('knows whether a try before the last may have been carried out', async () => {
	const lost = { result: failed('connectionReset') };
	const refused = { result: failed('connectionRefused') };
	const gone = { result: failed('resourceMissing') };
	expect(await call([gone])).toMatchObject({ unclear: false, tries: 1 });
	expect(await call([refused, gone])).toMatchObject({ unclear: false, tries: 2 });
	expect(await call([lost, gone])).toMatchObject({ unclear: true, tries: 2 });
	expect(await call([lost, refused, gone])).toMatchObject({ unclear: true, tries: 3 });
	expect(await call([refused, lost])).toMatchObject({ ok: true, unclear: true, tries: 3 });
});

test('gives the last try no more time than is left of the minute', async () => {
	const slow = { result: failed('timedOut'), takes: 25_000 };
	const { timeouts, ok } = await call([slow, slow, slow], { timeout: 25_000 });
	expect(ok).toBe(false);
	expect(timeouts[0]).toBe(25_000);
	expect(timeouts.at(-1)!).toBeLessThan(10_000);
});

test('a timeout costs the quota twice as much as another failure', async () => {
	const failures = async (name: ReasonName) => {
		const quota = new RetryQuota();
		let retries = 0;
		for (let round = 0; round < 200; round++) {
			const { tries } = await call(
				[{ result: failed(name) }, { result: failed('refused') }],
				{},
				quota,
			);
			retries += tries - 1;
		}
		return retries;
	};
	expect(await failures('connectionRefused')).toBe(100);
	expect(await failures('timedOut')).toBe(50);
});

test('a call that succeeds gives back all that it took', async () => {
	const quota = new RetryQuota();
	const twice = [{ result: failed('unavailable') }, { result: failed('timedOut') }];
	for (let round = 0; round < 300; round++) {
		expect((await call(twice, {}, quota)).ok).toBe(true);
	}
});

test('says why it gave up', async () => {
	const down = { result: failed('unavailable') };
	expect(await call([down, down], { maxTries: 2 })).toMatchObject({ gaveUp: 'maxTries', tries: 2 });
	const later = { result: failed('unavailable', { retryAfter: DEADLINE }) };
	expect(await call([later])).toMatchObject({ gaveUp: 'deadline', tries: 1 });
	const quota = new RetryQuota();
	const spend = quota.open();
	while (spend.take('timedOut'));
	spend.close(false);
	expect(await call([down], {}, quota)).toMatchObject({ gaveUp: 'quota', tries: 1 });
});

test('a stop during a wait ends the call as stopped, and nothing more is sent', async () => {
	const cancel = new AbortController();
	const clock = new TestClock(new SimulatedClock());
	let sent = 0;
	const send = async () => {
		sent++;
		setImmediate(() => cancel.abort());
		return await Promise.resolve(failed('unavailable'));
	};
	const outcome = await callWithRetries(send, policy, {
		clock,
		quota: new RetryQuota(),
		serverClock: new ServerClock(clock),
		cancelSignal: cancel.signal,
	});
	expect(outcome).toMatchObject({ ok: false, failure: { reason: 'stopped' }, tries: 1 });
	expect(sent).toBe(1);
});

test('waits for tokens that another call may give back, and goes on when it does', async () => {
	const quota = new RetryQuota();
	const other = quota.open();
	while (other.take('timedOut'));
	const service = new SimulatedClock();
	const clock = new TestClock(service);
	let sent = 0;
	const outcome = await callWithRetries(
		async () => (sent++ === 0 ? failed('unavailable') : success),
		policy,
		{
			clock: Object.assign(Object.create(clock) as TestClock, {
				sleep: async (milliseconds: number) => {
					await clock.sleep(milliseconds);
					if (clock.waits.length === 2) other.close(true);
				},
			}),
			quota,
			serverClock: new ServerClock(clock),
			cancelSignal: undefined,
		},
	);
	expect(outcome).toMatchObject({ ok: true, tries: 2 });
	expect(clock.waits).toHaveLength(3);
});

test('gives up at the deadline when the tokens do not come back', async () => {
	const quota = new RetryQuota();
	const other = quota.open();
	while (other.take('timedOut'));
	const outcome = await call([{ result: failed('unavailable') }], {}, quota);
	expect(outcome).toMatchObject({ gaveUp: 'deadline', tries: 1 });
	expect(outcome.took).toBeLessThan(DEADLINE);
});

test('for any failures: never more tries than allowed, never past the deadline, never a wait beyond its bound', async () => {
	const step = fc.record({
		name: fc.constantFrom(...names),
		takes: fc.integer({ min: 0, max: 40_000 }),
		retryAfter: fc.option(fc.integer({ min: 0, max: 90_000 }), { nil: undefined }),
	});
	await fc.assert(
		fc.asyncProperty(
			fc.array(step, { maxLength: 12 }),
			fc.integer({ min: 1, max: 10 }),
			fc.integer({ min: 1, max: 60_000 }),
			fc.boolean(),
			async (steps, maxTries, timeout, repeatable) => {
				const results = steps.map(({ name, takes, retryAfter }) => ({
					result: failed(name, { retryAfter }),
					takes,
				}));
				const outcome = await call(results, { maxTries, timeout, repeatable });
				expect(outcome.tries).toBeLessThanOrEqual(maxTries);
				expect(outcome.took).toBeLessThanOrEqual(DEADLINE);
				expect(outcome.timeouts.every((given) => given > 0 && given <= timeout)).toBe(true);
				outcome.waits.forEach((wait, index) => {
					const asked = steps[index]!.retryAfter ?? 0;
					expect(wait).toBeLessThanOrEqual(Math.max(asked, Math.min(8000, 500 * 2 ** index)));
					expect(wait).toBeGreaterThanOrEqual(asked);
				});
				if (!outcome.ok) expect(names).toContain(outcome.failure.reason);
				const repeated = steps.slice(0, outcome.tries - 1);
				expect(repeated.every(({ name }) => reasonOf(name).retry)).toBe(true);
			},
		),
	);
});

describe('the retry quota', () => {
	const drain = (quota: RetryQuota) => {
		const claim = quota.open();
		while (claim.take('unavailable'));
		return claim;
	};

	test('is not worth waiting for once all who took from it have ended, however often they took', () => {
		const quota = new RetryQuota();
		const greedy = drain(quota);
		const poor = quota.open();
		expect(poor.mayComeBack()).toBe(true);
		greedy.close(false);
		expect(poor.mayComeBack()).toBe(false);
	});

	test('is still worth waiting for when a call has ended that took nothing', () => {
		const quota = new RetryQuota();
		drain(quota);
		quota.open().close(true);
		expect(quota.open().mayComeBack()).toBe(true);
	});

	test('does not let a call wait that holds tokens itself', () => {
		const quota = new RetryQuota();
		const held = quota.open();
		held.take('unavailable');
		drain(quota);
		expect(held.mayComeBack()).toBe(false);
	});
});

describe('an answer whose Date shows that the signing time was wrong', () => {
	// In the past of the test's clock by far more than 15 minutes.
	const serverTime = 0;

	test.each<[string, number, number | undefined]>([
		['HTTP 400', 400, undefined],
		['HTTP 401', 401, undefined],
		['HTTP 403', 403, undefined],
		['a code under HTTP 200', 200, 13000102],
	])('is repeated at once after %s', async (_what, httpCode, code) => {
		const outcome = await call([{ result: failed('badRequest', { httpCode, code, serverTime }) }]);
		expect(outcome).toMatchObject({ ok: true, tries: 2, waits: [] });
	});

	test.each<[string, ReasonName, number, number | undefined]>([
		['HTTP 503', 'unavailable', 503, undefined],
		['HTTP 503 with code 0', 'unavailable', 503, 0],
	])(
		'is waited for after %s, which says nothing of the time',
		async (_what, reason, httpCode, code) => {
			const outcome = await call([{ result: failed(reason, { httpCode, code, serverTime }) }]);
			expect(outcome).toMatchObject({ ok: true, tries: 2 });
			expect(outcome.waits).toHaveLength(1);
		},
	);
});
