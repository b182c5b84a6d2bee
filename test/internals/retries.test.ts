import fc from 'fast-check';

import { formatSigningTime } from '#dist/credentials/authentication/signature';
import type { ReasonName } from '#dist/nodes/shared/errors/reasons';
import { REASONS } from '#dist/nodes/shared/errors/reasons';
import type { Attempts, Failure } from '#dist/nodes/shared/errors/failure';
import { onFailure } from '#dist/nodes/shared/errors/failure';
import type { KooDriveResponse } from '#dist/nodes/shared/http/client';
import { KooDriveClient } from '#dist/nodes/shared/http/client';
import { systemClock } from '#dist/nodes/shared/http/clock';
import { CircuitBreaker } from '#dist/nodes/shared/http/circuitBreaker';
import type { AttemptResult, KooDriveRequest } from '#dist/nodes/shared/http/request';
import type { RequestOptions } from '#dist/nodes/shared/http/retry';
import { DEADLINE } from '#dist/nodes/shared/http/retry';
import { RequestClock, isOutsideItsLife } from '#dist/nodes/shared/http/serverClock';
import { readResponse } from '#dist/nodes/shared/http/response';
import { toNetworkFailure } from '#dist/nodes/shared/http/networkError';
import { failed } from '#dist/nodes/shared/http/request';
import { FakeClock } from '../engine/fakeClock';
import { HOUR } from '../time';
import { SimulatedClock } from '../simulator/clock';

const success: AttemptResult = { ok: true, body: { code: 0 } };

const policy = { maxAttempts: 10, timeout: 10_000 };

const renewal: KooDriveRequest = { method: 'PATCH', path: '/lock', idempotent: true };
const creation: KooDriveRequest = { method: 'POST', path: '/lock', idempotent: false };

const credential = { endpoint: 'https://koodrive.example', accessToken: 'token', userId: '1' };

/** A client that sends nothing, and what its requests are sent with; the clock is fake. */
function machine() {
	const service = new SimulatedClock(0);
	const clock = new FakeClock(service);
	service.advance(7_000);
	const client = new KooDriveClient(credential, clock, async () => await Promise.reject());
	client.sendAttempt = async () => await Promise.resolve(success);
	const circuitBreaker = new CircuitBreaker(clock);
	const options: RequestOptions = { ...policy, circuitBreaker };
	return { service, clock, client, circuitBreaker, options };
}

/** What came of a request. */
type RequestResult =
	| (KooDriveResponse & { ok: true })
	| { ok: false; failure: Failure; attempts: Attempts };

async function request(
	{ client, options }: Pick<ReturnType<typeof machine>, 'client' | 'options'>,
	sent = renewal,
): Promise<RequestResult> {
	return await client.request(sent, options).then(
		(response): RequestResult => ({ ok: true, ...response }),
		onFailure(
			({ failure, attempts }): RequestResult => ({ ok: false, failure, attempts: attempts! }),
		),
	);
}

/** The result and the attempts in one, with how long it all took. */
type Outcome = RequestResult & Attempts & { waits: number[]; took: number; timeouts: number[] };

/** Sends a request that gets these results in turn, each after its time, and then succeeds. */
async function send(
	results: Array<{ result: AttemptResult; takes?: number }>,
	given: RequestOptions = {},
	parts = machine(),
	sent = renewal,
): Promise<Outcome> {
	const { service, clock, client } = parts;
	const timeouts: number[] = [];
	const rest = [...results];
	const began = clock.monotonic();
	client.sendAttempt = async (_request, { timeout }) => {
		timeouts.push(timeout);
		const { result, takes = 0 } = rest.shift() ?? { result: success };
		service.advance(Math.min(takes, timeout));
		return await Promise.resolve(result);
	};
	const outcome = await request({ client, options: { ...parts.options, ...given } }, sent);
	const took = clock.monotonic() - began;
	return { ...outcome, ...outcome.attempts, waits: clock.sleeps, took, timeouts };
}

const names = Object.keys(REASONS) as ReasonName[];

/** The failures after which a request is sent once more. */
async function findRetried(request: KooDriveRequest): Promise<ReasonName[]> {
	const retried: ReasonName[] = [];
	for (const name of names) {
		const { count } = await send([{ result: failed(name) }], {}, machine(), request);
		if (count === 2) retried.push(name);
	}
	return retried.sort();
}

/** KooDrive can't have carried the request out. */
const NOT_CARRIED_OUT: ReasonName[] = [
	'connectTimeout',
	'connectionRefused',
	'dnsLookupFailed',
	'hostNotFound',
	'hostUnreachable',
	'rateLimited',
	'storeUnavailable',
	'storeUnreachable',
	'tlsFailed',
	'tlsHandshakeReset',
	'unavailable',
];

/** KooDrive may have carried the request out. */
const MAYBE_CARRIED_OUT: ReasonName[] = [
	'badGateway',
	'connectionFailed',
	'connectionReset',
	'responseTimeout',
	'responseTruncated',
	'serverError',
	'stateNotChanged',
];

const RETRIED = [...NOT_CARRIED_OUT, ...MAYBE_CARRIED_OUT];

test('retries a request that creates something only if KooDrive cannot have carried it out', async () => {
	expect(await findRetried(creation)).toEqual(NOT_CARRIED_OUT);
});

test('retries an idempotent request after every transient failure, and after no other', async () => {
	expect(await findRetried(renewal)).toEqual([...RETRIED].sort());
});

/** What follows from a network error: a retry of an idempotent request, a retry of another one, an outage. */
const networkErrors: Array<[string, object, [boolean, boolean, boolean]]> = [
	['ECONNREFUSED', {}, [true, true, true]],
	['ECONNRESET', {}, [true, false, false]],
	[
		'ECONNRESET',
		{ message: 'disconnected before secure TLS connection was established' },
		[true, true, true],
	],
	['EHOSTUNREACH', {}, [true, true, true]],
	['ETIMEDOUT', {}, [true, false, true]],
	['ETIMEDOUT', { syscall: 'connect' }, [true, true, true]],
	['EAI_AGAIN', {}, [true, true, true]],
	['ENOTFOUND', {}, [true, true, true]],
	['EPROTO', {}, [true, true, true]],
	['ERR_BAD_RESPONSE', {}, [true, false, false]],
	['EWEIRD', { isAxiosError: true }, [true, false, false]],
	['CERT_HAS_EXPIRED', {}, [false, false, true]],
];

test.each(networkErrors)(
	'derives retries and an outage from the network error %s %j',
	async (code, more, expected) => {
		const error = Object.assign(new Error('x'), { code, ...more });
		const result = toNetworkFailure(error, (text) => text);
		const { circuitBreaker, clock } = machine();
		circuitBreaker.record(result, clock.monotonic());
		expect([
			(await send([{ result }])).count > 1,
			(await send([{ result }], {}, machine(), creation)).count > 1,
			circuitBreaker.getTimeUntilOpen() < Infinity,
		]).toEqual(expected);
	},
);

test.each([
	[500, false],
	[503, true],
	[504, true],
	[429, false],
	[401, false],
])('decides whether HTTP %d is an outage: %j', (statusCode, isOutage) => {
	const { clock, circuitBreaker } = machine();
	const judge = { authentication: 'accessToken', redact: (text: string) => text } as const;
	const response = { statusCode, headers: {}, body: undefined };
	const result = readResponse(response, { text: '', isTooLong: false }, judge);
	circuitBreaker.record(result, clock.monotonic());
	expect(circuitBreaker.getTimeUntilOpen() < Infinity).toBe(isOutage);
});

test('knows whether an earlier attempt may have been carried out', async () => {
	const lost = { result: failed('connectionReset') };
	const refused = { result: failed('connectionRefused') };
	const gone = { result: failed('notFound') };
	expect(await send([gone])).toMatchObject({ outcomeUnknown: false, count: 1 });
	expect(await send([refused, gone])).toMatchObject({ outcomeUnknown: false, count: 2 });
	expect(await send([lost, gone])).toMatchObject({ outcomeUnknown: true, count: 2 });
	expect(await send([lost, refused, gone])).toMatchObject({ outcomeUnknown: true, count: 3 });
	expect(await send([refused, lost])).toMatchObject({ ok: true, outcomeUnknown: true, count: 3 });
});

test('limits the last attempt to the rest of the deadline', async () => {
	const slow = { result: failed('responseTimeout'), takes: 25_000 };
	const { timeouts, ok } = await send([slow, slow, slow], { timeout: 25_000 });
	expect(ok).toBe(false);
	expect(timeouts[0]).toBe(25_000);
	expect(timeouts.at(-1)!).toBeLessThan(10_000);
});

test('says why it stopped retrying', async () => {
	const down = { result: failed('unavailable') };
	expect(await send([down, down], { maxAttempts: 2 })).toMatchObject({
		gaveUp: 'maxAttempts',
		count: 2,
	});
	const later = { result: failed('unavailable', { retryAfter: '60' }) };
	expect(await send([later])).toMatchObject({ gaveUp: 'deadline', count: 1 });
});

test.each([0, 0.5, 0.999999])(
	'rides out an outage of 20 seconds with any jitter: %d',
	async (chance) => {
		const parts = machine();
		const { clock, client } = parts;
		clock.random = () => chance;
		const back = clock.monotonic() + 20_000;
		client.sendAttempt = async () =>
			await Promise.resolve(clock.monotonic() < back ? failed('connectionRefused') : success);
		const outcome = await request(parts);
		expect(outcome.ok).toBe(true);
	},
);

test.each([
	[0, [250, 750, 2250, 6000, 6000, 6000, 6000, 6000, 6000]],
	// The deadline cuts the last one short.
	[0.999999, [500, 1500, 4500, 12_000, 12_000, 12_000, 12_000, 4500]],
])('triples its backoff, half of it jitter: %d', async (chance, expected) => {
	const parts = machine();
	parts.clock.random = () => chance;
	const { waits } = await send(Array(9).fill({ result: failed('unavailable') }), {}, parts);
	expect(waits.map((wait) => Math.round(wait / 50) * 50)).toEqual(expected);
});

test('shortens the last backoff to make one more attempt before the deadline', async () => {
	const slow = { result: failed('responseTimeout'), takes: 17_000 };
	const { timeouts, took, count } = await send([slow, slow, slow, slow], { timeout: 17_000 });
	expect(count).toBe(4);
	expect(timeouts.at(-1)).toBeGreaterThanOrEqual(1000);
	expect(took).toBeLessThanOrEqual(DEADLINE);
});

test('does not retry when the machine was suspended beyond the deadline', async () => {
	const parts = machine();
	const { clock, service } = parts;
	clock.sleep = async () => await Promise.resolve(service.advance(DEADLINE));
	const outcome = await send([{ result: failed('serverError') }], {}, parts);
	expect(outcome).toMatchObject({ ok: false, count: 1, gaveUp: 'deadline' });
});

test.each<[ReasonName, number]>([
	['tlsFailed', 3],
	['hostNotFound', 4],
])('retries %s, which is rarely transient, up to %d attempts', async (name, maxAttempts) => {
	const failure = { result: failed(name) };
	const outcome = await send(Array(9).fill(failure));
	expect(outcome).toMatchObject({ ok: false, count: maxAttempts });
	expect(outcome.gaveUp).toBeUndefined();
	expect(await send(Array(maxAttempts - 1).fill(failure))).toMatchObject({
		ok: true,
		count: maxAttempts,
	});
});

describe('the clock of the machine jumps during a backoff', () => {
	test.each([
		['ahead by an hour', HOUR],
		['back by an hour', -HOUR],
		['to 1970', -Date.now()],
	])('%s, which changes neither the backoff nor the deadline', async (_how, jump) => {
		const parts = machine();
		const down = failed('unavailable');
		let sent = 0;
		parts.client.sendAttempt = async (_request, { timeout }) => {
			expect(timeout).toBeGreaterThan(0);
			expect(timeout).toBeLessThanOrEqual(10_000);
			if (++sent === 2) parts.clock.ahead += jump;
			return await Promise.resolve(sent < 5 ? down : success);
		};
		const outcome = await request(parts);
		expect(outcome).toMatchObject({ ok: true, attempts: { count: 5 } });
		expect(parts.clock.sleeps.map(Math.round)).toEqual([500, 1500, 4500, 12_000]);
	});
});

/** Sends a request that fails; these signals fire during the backoff. */
async function stopDuringBackoff(...signals: Array<'signal' | 'stopSignal'>) {
	const stop = new AbortController();
	const parts = machine();
	for (const name of signals) parts.options[name] = stop.signal;
	let sent = 0;
	parts.client.sendAttempt = async () => {
		sent++;
		setImmediate(() => stop.abort());
		return await Promise.resolve(failed('unavailable'));
	};
	return { outcome: await request(parts), sent };
}

test.each([[['stopSignal'] as const], [['signal'] as const], [['signal', 'stopSignal'] as const]])(
	'sends nothing after a stop during the backoff: %j',
	async (signals) => {
		const { outcome, sent } = await stopDuringBackoff(...signals);
		expect(outcome).toMatchObject({
			ok: false,
			failure: { reason: 'canceled' },
			attempts: { count: 1 },
		});
		expect(sent).toBe(1);
	},
);

test('passes the cancel signal on to each attempt, so that one in flight ends', async () => {
	const parts = machine();
	const { signal } = new AbortController();
	parts.options.signal = signal;
	const signals: unknown[] = [];
	parts.client.sendAttempt = async (_request, { cancelSignal }) => {
		signals.push(cancelSignal);
		return await Promise.resolve(signals.length < 3 ? failed('unavailable') : success);
	};
	await request(parts);
	expect(signals).toEqual(Array(3).fill(signal));
});

test('gives its place up during each backoff, with the deadline as its urgency', async () => {
	const parts = machine();
	const deadline = parts.clock.monotonic() + DEADLINE;
	const neededAgainBy: number[] = [];
	parts.options.place = {
		releaseDuring: async (wait, neededBy) => {
			neededAgainBy.push(neededBy);
			return await wait();
		},
	};
	await send(Array(3).fill({ result: failed('unavailable') }), {}, parts);
	expect(neededAgainBy).toEqual([deadline, deadline, deadline]);
});

test('keeps to Max Tries, the deadline and the longest backoff for any failures', async () => {
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
			async (steps, maxAttempts, timeout, idempotent) => {
				const results = steps.map(({ name, takes, retryAfter }) => ({
					result: failed(name, { retryAfter: retryAfter?.toString() }),
					takes,
				}));
				const request = idempotent ? renewal : creation;
				const outcome = await send(results, { maxAttempts, timeout }, machine(), request);
				expect(outcome.count).toBeLessThanOrEqual(maxAttempts);
				expect(outcome.took).toBeLessThanOrEqual(DEADLINE);
				expect(outcome.timeouts.every((given) => given > 0 && given <= timeout)).toBe(true);
				outcome.waits.forEach((wait, index) => {
					const asked = (steps[index]!.retryAfter ?? 0) * 1000;
					expect(wait).toBeLessThanOrEqual(Math.max(asked, Math.min(12_000, 500 * 3 ** index)));
					expect(wait).toBeGreaterThanOrEqual(asked);
				});
				if (!outcome.ok) expect(names).toContain(outcome.failure.reason);
				const repeated = steps.slice(0, outcome.count - 1);
				expect(RETRIED).toEqual(expect.arrayContaining(repeated.map(({ name }) => name)));
			},
		),
	);
});

describe('the circuit breaker', () => {
	const refused = { result: failed('connectionRefused') };

	async function lasting(parts: ReturnType<typeof machine>, milliseconds: number): Promise<void> {
		const until = parts.clock.monotonic() + milliseconds;
		while (parts.clock.monotonic() < until) {
			await send([refused], { maxAttempts: 1 }, parts);
			parts.service.advance(1000);
		}
	}

	test('is closed for the first minute of an outage', async () => {
		const parts = machine();
		await lasting(parts, 59_000);
		expect(parts.circuitBreaker.getOpenSince()).toBeUndefined();
		expect(parts.circuitBreaker.getTimeUntilOpen()).toBeGreaterThan(0);
	});

	test('opens after a minute and knows when the outage began', async () => {
		const parts = machine();
		const began = parts.clock.now();
		await lasting(parts, 60_000);
		expect(parts.circuitBreaker.getTimeUntilOpen()).toBe(0);
		expect(parts.circuitBreaker.getOpenSince()).toBe(began);
		await lasting(parts, 5_000);
		expect(parts.circuitBreaker.getOpenSince()).toBe(began);
	});

	test('allows one attempt and no backoff when it is open', async () => {
		const parts = machine();
		await lasting(parts, 60_000);
		const outcome = await send([refused], {}, parts);
		expect(outcome).toMatchObject({ ok: false, count: 1, gaveUp: 'circuitOpen', took: 0 });
	});

	test.each<[string, AttemptResult]>([
		['a success', success],
		['a rejection', failed('notFound')],
		['HTTP 500', failed('serverError')],
		['a connection reset', failed('connectionReset')],
	])('closes after %s', async (_what, result) => {
		const parts = machine();
		await lasting(parts, 61_000);
		await send([{ result }], { maxAttempts: 1 }, parts);
		expect(parts.circuitBreaker.getOpenSince()).toBeUndefined();
		expect(parts.circuitBreaker.getTimeUntilOpen()).toBe(Infinity);
	});

	test('ends the backoff of a request that began during the outage', async () => {
		const parts = machine();
		await lasting(parts, 50_000);
		const outcome = await send(Array(10).fill(refused), {}, parts);
		expect(outcome).toMatchObject({ ok: false, gaveUp: 'circuitOpen' });
		expect(outcome.took).toBeLessThanOrEqual(11_000);
	});

	test('does not end a backoff while another request succeeds', async () => {
		const parts = machine();
		await lasting(parts, 50_000);
		const { clock } = parts;
		const { sleep } = clock;
		clock.sleep = async (milliseconds) => {
			await sleep.call(clock, milliseconds);
			parts.circuitBreaker.record(success, clock.monotonic());
		};
		const outcome = await send(Array(8).fill(refused), {}, parts);
		expect(outcome).toMatchObject({ ok: true, count: 9 });
	});
});

describe('a response whose Date shows a wrong signing time', () => {
	// Far more than 15 minutes before the time of the test's clock.
	const serverTime = 0;

	test.each<[string, number, number | undefined]>([
		['HTTP 400', 400, undefined],
		['HTTP 401', 401, undefined],
		['HTTP 403', 403, undefined],
		['a code under HTTP 200', 200, 13000102],
	])('is retried immediately after %s', async (_what, httpCode, code) => {
		const outcome = await send([{ result: failed('badRequest', { httpCode, code, serverTime }) }]);
		expect(outcome).toMatchObject({ ok: true, count: 2, waits: [] });
	});

	test.each<[string, ReasonName, number, number | undefined]>([
		['HTTP 503', 'unavailable', 503, undefined],
		['HTTP 503 with code 0', 'unavailable', 503, 0],
	])(
		'is retried after a backoff after %s, which says nothing about the time',
		async (_what, reason, httpCode, code) => {
			const outcome = await send([{ result: failed(reason, { httpCode, code, serverTime }) }]);
			expect(outcome).toMatchObject({ ok: true, count: 2 });
			expect(outcome.waits).toHaveLength(1);
		},
	);

	const refusalAt = (name: ReasonName, offset: () => number, code?: number) =>
		failed(name, { httpCode: 401, code, serverTime: offset() });

	test('is attributed to the clock if the rejection names no other reason', async () => {
		const lies = Array.from({ length: 9 }, (_, index) => ({
			result: refusalAt('tokenRejected', () => -index * HOUR),
		}));
		const outcome = await send(lies);
		expect(outcome).toMatchObject({ ok: false, count: 3, failure: { reason: 'clockSkew' } });
	});

	test.each([1, 10])(
		'does not hide the reason that KooDrive names, Max Tries %d',
		async (maxAttempts) => {
			const gone = refusalAt('notFound', () => 0, 13000309);
			const outcome = await send(Array(9).fill({ result: gone }), { maxAttempts });
			expect(outcome).toMatchObject({ ok: false, failure: { reason: 'notFound' } });
		},
	);

	test('is used for other requests only after the corrected one was accepted', async () => {
		const { clock, client } = machine();
		const requestClock = new RequestClock(client.serverClock);
		const lie = refusalAt('tokenRejected', () => clock.now() + HOUR);
		const sent = formatSigningTime(clock.now() - 2 * HOUR);
		expect(requestClock.learn(sent, lie)).toBe('corrected');
		expect(requestClock.now()).toBeGreaterThan(clock.now() + HOUR - 1000);
		expect(client.serverClock.offset).toBeUndefined();
		for (const saysNothingOfTheTime of [
			failed('responseTimeout'),
			failed('tokenRejected', { httpCode: 401 }),
		]) {
			expect(requestClock.learn(requestClock.getSigningTime(), saysNothingOfTheTime)).toBe(
				'accepted',
			);
			expect(client.serverClock.offset).toBeUndefined();
		}
		expect(requestClock.learn(requestClock.getSigningTime(), success)).toBe('accepted');
		expect(client.serverClock.now() - clock.now()).toBeGreaterThan(HOUR - 1000);
	});
});

describe('the signing time', () => {
	const server = Date.UTC(2025, 10, 3, 7, 1, 40);
	test.each([
		['20251103T070141Z', true],
		['20251103T070140Z', false],
		['20251103T064642Z', false],
		// By the time of the check it may have been too old.
		['20251103T064641Z', true],
		['no time at all', false],
	])('%s is expired at 07:01:40: %s', (signingTime, outside) => {
		expect(isOutsideItsLife(signingTime, server)).toBe(outside);
	});
});

describe('the system clock', () => {
	test('sleeps as long as requested, or until it is aborted', async () => {
		const before = systemClock.now();
		await systemClock.sleep(30);
		expect(systemClock.now() - before).toBeGreaterThanOrEqual(29);
		const stopped = AbortSignal.timeout(5);
		await expect(systemClock.sleep(60_000, stopped)).rejects.toThrow();
	});

	test('returns random numbers from 0 up to 1', () => {
		const thrown = Array.from({ length: 100 }, () => systemClock.random());
		expect(new Set(thrown).size).toBeGreaterThan(90);
		expect(thrown.every((number) => number >= 0 && number < 1)).toBe(true);
	});
});
