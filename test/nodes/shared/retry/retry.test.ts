import fc from 'fast-check';

import type { ReasonName } from '../../../../dist/nodes/shared/failures/reasons';
import { REASONS, reasonOf } from '../../../../dist/nodes/shared/failures/reasons';
import type { CallResult } from '../../../../dist/nodes/shared/transport/result';
import { failed } from '../../../../dist/nodes/shared/transport/result';
import type { CallOutcome, RetryPolicy, Shared } from '../../../../dist/nodes/shared/retry/retry';
import { callWithRetries, DEADLINE } from '../../../../dist/nodes/shared/retry/retry';
import { Outage } from '../../../../dist/nodes/shared/retry/outage';
import { CallClock, ServerClock } from '../../../../dist/nodes/shared/retry/serverClock';
import { formatSigningTime } from '../../../../dist/credentials/authentication/signingTime';
import { TestClock } from '../../../engine/testClock';
import { SimulatedClock } from '../../../simulator/clock';

const success: CallResult = { ok: true, answer: { body: { code: 0 } } };
const policy: RetryPolicy = { maxTries: 10, timeout: 10_000, idempotent: true };

/** A machine whose clock and chance a test holds in its hands. */
function machine() {
	const service = new SimulatedClock(0);
	const clock = new TestClock(service);
	service.advance(7_000);
	const shared: Shared = {
		clock,
		serverClock: new ServerClock(clock),
		outage: new Outage(clock),
		cancelSignal: undefined,
	};
	return { service, clock, shared };
}

/** Runs a call that meets these results in turn, each after its time, and then succeeds. */
async function call(
	results: Array<{ result: CallResult; takes?: number }>,
	given: Partial<RetryPolicy> = {},
	{ service, clock, shared } = machine(),
): Promise<CallOutcome & { waits: number[]; took: number; timeouts: number[] }> {
	const timeouts: number[] = [];
	const rest = [...results];
	const began = clock.monotonic();
	const outcome = await callWithRetries(
		async ({ timeout }) => {
			timeouts.push(timeout);
			const { result, takes = 0 } = rest.shift() ?? { result: success };
			service.advance(Math.min(takes, timeout));
			return result;
		},
		{ ...policy, ...given },
		shared,
	);
	return { ...outcome, waits: clock.waits, took: clock.monotonic() - began, timeouts };
}

const names = Object.keys(REASONS) as ReasonName[];
const retried: ReasonName[] = [
	'connectionRefused',
	'connectionReset',
	'handshakeBroken',
	'connectionFailed',
	'hostUnreachable',
	'connectTimedOut',
	'timedOut',
	'nameLookupFailed',
	'nameNotFound',
	'encryptionFailed',
	'answerCutShort',
	'tooManyRequests',
	'unavailable',
	'gatewayFailed',
	'serverFailed',
];
const surelyNotDone: ReasonName[] = [
	'connectionRefused',
	'handshakeBroken',
	'encryptionFailed',
	'hostUnreachable',
	'connectTimedOut',
	'nameLookupFailed',
	'nameNotFound',
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
		const outcome = await call([{ result: failed(name) }], { idempotent: false });
		expect(outcome.tries).toBe(surelyNotDone.includes(name) ? 2 : 1);
	},
);

test('only a call that reached KooDrive, or may have, leaves open whether it was carried out', () => {
	const mayBeDone = names.filter((name) => reasonOf(name).mayBeDone);
	expect(mayBeDone.sort()).toEqual([
		'answerCutShort',
		'answerIncomplete',
		'answerTooLong',
		'connectionFailed',
		'connectionReset',
		'gatewayFailed',
		'notKooDrive',
		'serverFailed',
		'stopped',
		'timedOut',
	]);
});

test('only what says no more than that KooDrive is not there counts as an outage', () => {
	const notThere = names.filter((name) => reasonOf(name).notThere === true);
	expect(notThere.sort()).toEqual([
		'certificateNotTrusted',
		'connectTimedOut',
		'connectionRefused',
		'encryptionFailed',
		'gatewayFailed',
		'handshakeBroken',
		'hostUnreachable',
		'nameLookupFailed',
		'nameNotFound',
		'timedOut',
		'unavailable',
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

test('says why it gave up', async () => {
	const down = { result: failed('unavailable') };
	expect(await call([down, down], { maxTries: 2 })).toMatchObject({ gaveUp: 'maxTries', tries: 2 });
	const later = { result: failed('unavailable', { retryAfter: '60' }) };
	expect(await call([later])).toMatchObject({ gaveUp: 'deadline', tries: 1 });
});

test.each([0, 0.5, 0.999999])(
	'survives a server that is away for 20 seconds, whatever chance brings: %d',
	async (chance) => {
		const { clock, shared } = machine();
		clock.chance = () => chance;
		const back = clock.monotonic() + 20_000;
		const outcome = await callWithRetries(
			async () => (clock.monotonic() < back ? failed('connectionRefused') : success),
			policy,
			shared,
		);
		expect(outcome.ok).toBe(true);
	},
);

test.each([
	[0, [250, 750, 2250, 6000, 6000, 6000, 6000, 6000, 6000]],
	// The last is cut short by the end of the minute.
	[0.999999, [500, 1500, 4500, 12_000, 12_000, 12_000, 12_000, 4500]],
])(
	'waits three times as long before each further try, half of it by chance: %d',
	async (chance, expected) => {
		const parts = machine();
		parts.clock.chance = () => chance;
		const { waits } = await call(Array(9).fill({ result: failed('unavailable') }), {}, parts);
		expect(waits.map((wait) => Math.round(wait / 50) * 50)).toEqual(expected);
	},
);

test('uses the minute to its end: a wait that would pass it is cut short for one last try', async () => {
	const slow = { result: failed('timedOut'), takes: 17_000 };
	const { timeouts, took, tries } = await call([slow, slow, slow, slow], { timeout: 17_000 });
	expect(tries).toBe(4);
	expect(timeouts.at(-1)).toBeGreaterThanOrEqual(1000);
	expect(took).toBeLessThanOrEqual(DEADLINE);
});

test('a machine that sleeps through the rest of the minute does not try again', async () => {
	const parts = machine();
	const { clock, service } = parts;
	clock.sleep = async () => await Promise.resolve(service.advance(DEADLINE));
	const outcome = await call([{ result: failed('serverFailed') }], {}, parts);
	expect(outcome).toMatchObject({ ok: false, tries: 1, gaveUp: 'deadline' });
});

test.each<[ReasonName, number]>([
	['encryptionFailed', 3],
	['nameNotFound', 4],
])('what mostly lasts may pass: %s is tried %d times, and not ten', async (name, mostTries) => {
	const failure = { result: failed(name) };
	const outcome = await call(Array(9).fill(failure));
	expect(outcome).toMatchObject({ ok: false, tries: mostTries });
	expect(outcome.gaveUp).toBeUndefined();
	expect(await call(Array(mostTries - 1).fill(failure))).toMatchObject({
		ok: true,
		tries: mostTries,
	});
});

describe('the clock of the machine may jump while a call waits', () => {
	test.each([
		['ahead by an hour', 3_600_000],
		['back by an hour', -3_600_000],
		['to 1970', -Date.now()],
	])('%s, and it neither gives up nor waits longer for it', async (_how, jump) => {
		const parts = machine();
		const down = { result: failed('unavailable') };
		let sent = 0;
		const outcome = await callWithRetries(
			async ({ timeout }) => {
				expect(timeout).toBeGreaterThan(0);
				expect(timeout).toBeLessThanOrEqual(10_000);
				if (++sent === 2) parts.clock.ahead += jump;
				return sent < 5 ? down.result : success;
			},
			policy,
			parts.shared,
		);
		expect(outcome).toMatchObject({ ok: true, tries: 5 });
		expect(parts.clock.waits.map(Math.round)).toEqual([500, 1500, 4500, 12_000]);
	});
});

test('a stop during a wait ends the call as stopped, and nothing more is sent', async () => {
	const cancel = new AbortController();
	let sent = 0;
	const send = async () => {
		sent++;
		setImmediate(() => cancel.abort());
		return await Promise.resolve(failed('unavailable'));
	};
	const { shared } = machine();
	const outcome = await callWithRetries(send, policy, { ...shared, cancelSignal: cancel.signal });
	expect(outcome).toMatchObject({ ok: false, failure: { reason: 'stopped' }, tries: 1 });
	expect(sent).toBe(1);
});

test('for any failures: never more tries than allowed, never past the deadline, never a wait beyond its bound', async () => {
	const step = fc.record({
		name: fc.constantFrom(...names),
		takes: fc.integer({ min: 0, max: 40_000 }),
		retryAfter: fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined }),
	});
	await fc.assert(
		fc.asyncProperty(
			fc.array(step, { maxLength: 12 }),
			fc.integer({ min: 1, max: 10 }),
			fc.integer({ min: 1, max: 60_000 }),
			fc.boolean(),
			async (steps, maxTries, timeout, idempotent) => {
				const results = steps.map(({ name, takes, retryAfter }) => ({
					result: failed(name, { retryAfter: retryAfter?.toString() }),
					takes,
				}));
				const outcome = await call(results, { maxTries, timeout, idempotent });
				expect(outcome.tries).toBeLessThanOrEqual(maxTries);
				expect(outcome.took).toBeLessThanOrEqual(DEADLINE);
				expect(outcome.timeouts.every((given) => given > 0 && given <= timeout)).toBe(true);
				outcome.waits.forEach((wait, index) => {
					const asked = (steps[index]!.retryAfter ?? 0) * 1000;
					expect(wait).toBeLessThanOrEqual(Math.max(asked, Math.min(12_000, 500 * 3 ** index)));
					expect(wait).toBeGreaterThanOrEqual(asked);
				});
				if (!outcome.ok) expect(names).toContain(outcome.failure.reason);
				const repeated = steps.slice(0, outcome.tries - 1);
				expect(repeated.every(({ name }) => reasonOf(name).retry)).toBe(true);
			},
		),
	);
});

describe('an outage', () => {
	const refused = { result: failed('connectionRefused') };

	async function lasting(parts: ReturnType<typeof machine>, milliseconds: number): Promise<void> {
		const until = parts.clock.monotonic() + milliseconds;
		while (parts.clock.monotonic() < until) {
			await call([refused], { maxTries: 1 }, parts);
			parts.service.advance(1000);
		}
	}

	test('is not believed before a minute is over', async () => {
		const parts = machine();
		await lasting(parts, 59_000);
		expect(parts.shared.outage.since()).toBeUndefined();
		expect(parts.shared.outage.remaining()).toBeGreaterThan(0);
	});

	test('is believed as soon as it has lasted a minute, and tells since when', async () => {
		const parts = machine();
		const began = parts.clock.now();
		await lasting(parts, 60_000);
		expect(parts.shared.outage.remaining()).toBe(0);
		expect(parts.shared.outage.since()).toBe(began);
		await lasting(parts, 5_000);
		expect(parts.shared.outage.since()).toBe(began);
	});

	test('that is believed lets no call wait any more, nor be tried again', async () => {
		const parts = machine();
		await lasting(parts, 60_000);
		const outcome = await call([refused], {}, parts);
		expect(outcome).toMatchObject({ ok: false, tries: 1, gaveUp: 'outage', took: 0 });
	});

	test.each<[string, CallResult]>([
		['a success', success],
		['a refusal', failed('resourceMissing')],
		['HTTP 500, which somebody has answered', failed('serverFailed')],
		['a connection that broke off, which had stood', failed('connectionReset')],
	])('is ended by %s', async (_what, result) => {
		const parts = machine();
		await lasting(parts, 61_000);
		await call([{ result }], { maxTries: 1 }, parts);
		expect(parts.shared.outage.since()).toBeUndefined();
		expect(parts.shared.outage.remaining()).toBe(Infinity);
	});

	test('ends the waiting of a call that began in its middle, so that the run ends', async () => {
		const parts = machine();
		await lasting(parts, 50_000);
		const outcome = await call(Array(10).fill(refused), {}, parts);
		expect(outcome).toMatchObject({ ok: false, gaveUp: 'outage' });
		expect(outcome.took).toBeLessThanOrEqual(11_000);
	});

	test('does not end the waiting of a call while another one gets through', async () => {
		const parts = machine();
		await lasting(parts, 50_000);
		const { clock } = parts;
		const { sleep } = clock;
		clock.sleep = async (milliseconds) => {
			await sleep.call(clock, milliseconds);
			parts.shared.outage.note(success, clock.monotonic());
		};
		const outcome = await call(Array(8).fill(refused), {}, parts);
		expect(outcome).toMatchObject({ ok: true, tries: 9 });
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

	const hour = 3_600_000;
	const refusalAt = (name: ReasonName, offset: () => number, code?: number) =>
		failed(name, { httpCode: 401, code, serverTime: offset() });

	test('is the fault of the clock where the refusal names no reason of its own', async () => {
		const lies = Array.from({ length: 9 }, (_, index) => ({
			result: refusalAt('tokenRefused', () => -index * hour),
		}));
		const outcome = await call(lies);
		expect(outcome).toMatchObject({ ok: false, tries: 3, failure: { reason: 'clockOff' } });
	});

	test.each([1, 10])(
		'leaves the reason that KooDrive names as it is, with Max Tries %d',
		async (maxTries) => {
			const gone = refusalAt('resourceMissing', () => 0, 13000309);
			const outcome = await call(Array(9).fill({ result: gone }), { maxTries });
			expect(outcome).toMatchObject({ ok: false, failure: { reason: 'resourceMissing' } });
		},
	);

	test('is shared with other calls only when the corrected try was not refused for its time', async () => {
		const { clock, shared } = machine();
		const callClock = new CallClock(shared.serverClock);
		const lie = refusalAt('tokenRefused', () => clock.now() + hour);
		const sent = formatSigningTime(clock.now() - 2 * hour);
		expect(callClock.learn(sent, lie)).toBe('tryAgain');
		expect(callClock.now()).toBeGreaterThan(clock.now() + hour - 1000);
		expect(shared.serverClock.ahead).toBeUndefined();
		for (const saysNothingOfTheTime of [
			failed('timedOut'),
			failed('tokenRefused', { httpCode: 401 }),
		]) {
			expect(callClock.learn(callClock.signingTime(), saysNothingOfTheTime)).toBe('accepted');
			expect(shared.serverClock.ahead).toBeUndefined();
		}
		expect(callClock.learn(callClock.signingTime(), success)).toBe('accepted');
		expect(shared.serverClock.now() - shared.clock.now()).toBeGreaterThan(hour - 1000);
	});
});
