import type { IExecuteFunctions, ITaskData } from 'n8n-workflow';
import { createRunExecutionData } from 'n8n-workflow';

import { describeFailure } from '#dist/nodes/shared/errors/describeFailure';
import type { Failure } from '#dist/nodes/shared/errors/failure';
import type { ReasonName } from '#dist/nodes/shared/errors/reasons';
import { getReason, REASONS } from '#dist/nodes/shared/errors/reasons';
import type { RequestResult } from '#dist/nodes/shared/http/result';
import { failed } from '#dist/nodes/shared/http/result';
import type { LeaseRequestSignals } from '#dist/nodes/shared/leases/leaseRenewer';
import { getLeaseExecution } from '#dist/nodes/shared/leases/leaseExecution';
import { LeaseRenewer } from '#dist/nodes/shared/leases/leaseRenewer';
import { FakeClock } from '../engine/fakeClock';
import { SECOND } from '../time';
import { SimulatedClock } from '../simulator/clock';

const names = Object.keys(REASONS) as ReasonName[];

let clock: FakeClock;

/** The result of the next renewals. */
let meets: ReasonName | 'success' | 'nothing';

/** What else is known of the next renewals that fail. */
let known: Partial<Failure>;

/** The second at which each renewal began. */
let begun: number[];

/** What the last renewal was given. */
let signals: LeaseRequestSignals;

/** What a renewal in flight ends with when it's stopped. */
let stoppedWith: ReasonName;

/** What was logged, each line with its level. */
let logged: string[];

beforeEach(() => {
	const service = new SimulatedClock(0);
	service.advance(1_000 * SECOND);
	clock = new FakeClock(service, 'manual');
	clock.random = () => 0;
	meets = 'success';
	stoppedWith = 'canceled';
	known = {};
	begun = [];
	logged = [];
});

afterEach(() => {
	clock.end();
});

/** A request that was sent once, just now. */
function sentOnce(result: { ok: true; body: object } | ReturnType<typeof failed>): RequestResult {
	const attempts = { count: 1, outcomeUnknown: false, startedAt: clock.monotonic() };
	return { ...result, attempts } as RequestResult;
}

/** How a test differs from the usual lease. */
interface Given {
	release?: () => Promise<RequestResult>;
	stopAfter?: number;
	isElsewhere?: boolean | Promise<boolean>;
}

/** Begins a lease with a renewal that was sent just now. */
function startLease({ release, stopAfter = 3_600 * SECOND, isElsewhere = false }: Given = {}) {
	const began = clock.monotonic();
	const renew = async (given: LeaseRequestSignals): Promise<RequestResult> => {
		signals = given;
		begun.push((clock.monotonic() - began) / SECOND);
		if (meets === 'success') return sentOnce({ ok: true, body: { code: 0 } });
		if (meets !== 'nothing') return sentOnce(failed(meets, known));
		await new Promise((resolve) => given.stopSignal.addEventListener('abort', resolve));
		return sentOnce(failed(stoppedWith));
	};
	const renewer = new LeaseRenewer(
		{
			name: 'Lock "a"',
			renew,
			...(release && { release }),
			renewEvery: 200 * SECOND,
			stopAfter,
			explain: ({ reason }) => `as ${reason} says`,
			describe: (failure) => describeFailure(failure, 'Lock "a"'),
			logger: {
				warn: (line) => logged.push(`warn ${line}`),
				info: (line) => logged.push(`info ${line}`),
			},
		},
		clock,
		began,
		async () => await isElsewhere,
	);
	return { renewer, running: renewer.run() };
}

const transient = names.filter((name) => {
	const { retryable, unreachable, notFromKooDrive } = getReason(name);
	return [retryable, unreachable, notFromKooDrive].includes(true);
});

test.each(transient)(
	'renews again within seconds after %s until the ninth minute',
	async (name) => {
		const { renewer } = startLease();
		meets = name;
		await clock.advance(539 * SECOND);
		expect(begun.slice(0, 3)).toEqual([200, 202.5, 205]);
		expect(renewer.getLoss()).toBeUndefined();
		meets = 'success';
		await clock.advance(240 * SECOND);
		expect(begun.slice(-2)).toEqual([540, 740]);
		expect(logged).toEqual([]);
	},
);

test.each(names.filter((name) => !transient.includes(name)))(
	'is lost immediately after %s',
	async (name) => {
		const { renewer } = startLease();
		meets = name;
		await clock.advance(1_000 * SECOND);
		expect(begun).toEqual([200]);
		const leaseLoss = { at: clock.now() - 800 * SECOND, because: `as ${name} says` };
		expect(renewer.getLoss()).toEqual({ reason: name, leaseLoss });
		expect(logged).toEqual([expect.stringMatching(`^warn Lock "a": .*as ${name} says`)]);
	},
);

test('is lost after nine minutes of transient errors', async () => {
	const { renewer } = startLease();
	await clock.advance(200 * SECOND);
	meets = 'unavailable';
	await clock.advance(1_000 * SECOND);
	expect(begun.at(-1)).toBe(740);
	expect(renewer.getLoss()?.leaseLoss?.at).toBe(clock.now() - 460 * SECOND);
	expect(logged).toHaveLength(1);
});

test('spreads renewals at random', async () => {
	clock.random = () => 0.5;
	startLease();
	meets = 'unavailable';
	await clock.advance(200 * SECOND);
	expect(begun.slice(0, 3)).toEqual([190, 193.75, 197.5]);
});

test.each([
	['120', [200, 320, 322.5]],
	// By then the lease would be lost, so it's tried at the ninth minute.
	['900', [200, 540]],
])(
	'waits as long as Retry-After: %s requests, at most until the ninth minute',
	async (retryAfter, expected) => {
		startLease();
		meets = 'unavailable';
		known = { retryAfter };
		await clock.advance(319 * SECOND);
		known = {};
		await clock.advance(280 * SECOND);
		expect(begun.slice(0, expected.length)).toEqual(expected);
	},
);

test.each([
	['KooDrive, which is an hour ahead,', 3_600 * SECOND],
	['this machine', undefined],
])('counts a time in Retry-After from the time of %s', async (_whose, ahead) => {
	startLease();
	meets = 'unavailable';
	const serverTime = clock.now() + 200 * SECOND + (ahead ?? 0);
	known = { retryAfter: new Date(serverTime + 90 * SECOND).toUTCString() };
	if (ahead !== undefined) known = { ...known, serverTime };
	await clock.advance(250 * SECOND);
	meets = 'success';
	await clock.advance(300 * SECOND);
	// Such a time is in whole seconds.
	expect(begun.map(Math.ceil)).toEqual([200, 290, 490]);
});

test('is as urgent as its lease is old', async () => {
	startLease();
	const began = clock.monotonic();
	await clock.advance(200 * SECOND);
	expect(signals.expiresAt).toBe(began + 600 * SECOND);
	await clock.advance(200 * SECOND);
	expect(signals.expiresAt).toBe(began + 800 * SECOND);
});

test('is not lost when a renewal is stopped', async () => {
	const { renewer, running } = startLease();
	meets = 'nothing';
	await clock.advance(200 * SECOND);
	await renewer.finish();
	await running;
	expect(begun).toEqual([200]);
	expect(renewer.getLoss()).toBeUndefined();
	expect(logged).toEqual([]);
});

test('says nothing about a lock that no longer exists when its renewal was stopped', async () => {
	const { renewer } = startLease({ isElsewhere: true });
	meets = 'nothing';
	stoppedWith = 'notFound';
	await clock.advance(200 * SECOND);
	await renewer.stop();
	expect(renewer.getLoss()).toBeUndefined();
	expect(logged).toEqual([]);
});

test('is not lost when it is stopped while it finds out whether it was released elsewhere', async () => {
	let answer: (isElsewhere: boolean) => void = () => undefined;
	const isElsewhere = new Promise<boolean>((resolve) => (answer = resolve));
	const { renewer, running } = startLease({ isElsewhere });
	meets = 'notFound';
	await clock.advance(200 * SECOND);
	void renewer.stop();
	answer(false);
	await running;
	expect(renewer.getLoss()).toBeUndefined();
	expect(logged).toEqual([]);
});

test('lets a renewal in flight end when it is stopped, and aborts it when it is abandoned', async () => {
	const { renewer } = startLease();
	meets = 'nothing';
	await clock.advance(200 * SECOND);
	const stopping = renewer.stop();
	expect([signals.stopSignal.aborted, signals.cancelSignal.aborted]).toEqual([true, false]);
	await stopping;
	renewer.abandon();
	expect(signals.cancelSignal.aborted).toBe(true);
});

test('is released at the end unless it is lost', async () => {
	const release = jest.fn(async () => await Promise.resolve(sentOnce({ ok: true, body: {} })));
	await startLease({ release }).renewer.finish();
	expect(release).toHaveBeenCalledTimes(1);
	const { renewer } = startLease({ release });
	meets = 'tokenRejected';
	await clock.advance(200 * SECOND);
	await renewer.finish();
	expect(release).toHaveBeenCalledTimes(1);
});

test.each<[ReasonName, boolean]>([
	['unavailable', true],
	['tokenRejected', true],
	['notFound', false],
])('logs a release at the end that failed: %s %j', async (name, isLogged) => {
	const release = async () => await Promise.resolve(sentOnce(failed(name)));
	await startLease({ release }).renewer.finish();
	expect(logged).toEqual(isLogged ? [expect.stringMatching(/^warn Lock "a": .*10 minutes/)] : []);
});

test('ends without an alarm if it may have been released elsewhere', async () => {
	const { renewer } = startLease({ isElsewhere: true });
	meets = 'notFound';
	await clock.advance(1_000 * SECOND);
	expect(begun).toEqual([200]);
	expect(renewer.getLoss()?.leaseLoss?.because).toMatch(/released or has expired/);
	expect(logged).toEqual([expect.stringMatching(/^info .*released or has expired/)]);
});

test('is lost by a rejection even if its execution may continue elsewhere', async () => {
	const { renewer } = startLease({ isElsewhere: true });
	meets = 'tokenRejected';
	await clock.advance(200 * SECOND);
	expect(renewer.getLoss()?.leaseLoss?.because).toBe('as tokenRejected says');
	expect(logged).toEqual([expect.stringMatching(/^warn /)]);
});

test('is lost when it expires after the time of Stop After', async () => {
	const { renewer } = startLease({ stopAfter: 300 * SECOND });
	await clock.advance(799 * SECOND);
	expect(begun).toEqual([200]);
	expect(renewer.getLoss()).toBeUndefined();
	expect(logged).toEqual([expect.stringMatching(/^warn .*Stop After/)]);
	await clock.advance(SECOND);
	expect(renewer.getLoss()).toMatchObject({
		reason: 'notFound',
		leaseLoss: { at: clock.now() - 500 * SECOND, because: expect.stringContaining('Stop After') },
	});
});

test('renews immediately when it is told to', async () => {
	const { renewer } = startLease();
	await clock.advance(50 * SECOND);
	renewer.renewNow();
	await clock.advance(200 * SECOND);
	expect(begun).toEqual([50, 250]);
});

test('takes an execution for running if its data says nothing of the nodes to come', async () => {
	const data = createRunExecutionData({ resultData: { runData: { Trigger: [{} as ITaskData] } } });
	delete data.executionData;
	const context = {
		getExecutionId: () => '12',
		getExecutionDataById: async () => await Promise.resolve(data),
	} as Partial<IExecuteFunctions> as IExecuteFunctions;
	expect(await getLeaseExecution(context).getStatus()).toBe('running');
});
