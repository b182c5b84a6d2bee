import type { IExecuteFunctions, ITaskData } from 'n8n-workflow';
import { createRunExecutionData } from 'n8n-workflow';

import { explainFailure } from '#dist/nodes/shared/errors/describeFailure';
import type { Failure } from '#dist/nodes/shared/errors/failure';
import type { ReasonName } from '#dist/nodes/shared/errors/reasons';
import { getReason, REASONS } from '#dist/nodes/shared/errors/reasons';
import { RequestFailedError } from '#dist/nodes/shared/errors/failure';
import type { KooDriveResponse } from '#dist/nodes/shared/http/client';
import type { KooDriveRequest } from '#dist/nodes/shared/http/request';
import type { RequestOptions } from '#dist/nodes/shared/http/retry';
import { getLeaseExecution } from '#dist/nodes/shared/leases/leaseRegistry';
import { lockMessages } from '#dist/nodes/shared/leases/lockMessages';
import { Limiter } from '#dist/nodes/shared/http/limiter';
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

/** What the last renewal was sent with. */
let sentWith: RequestOptions;

/** When the last renewal needed its place, by the monotonic clock. */
let neededBy: number;

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

const attempts = () => ({ count: 1, outcomeUnknown: false, startedAt: clock.monotonic() });

const succeed = (): KooDriveResponse => ({ body: { code: 0 }, attempts: attempts() });

const fail = (reason: ReasonName, more: Partial<Failure> = {}): never => {
	throw new RequestFailedError({ reason, ...more }, attempts());
};

/** How a test differs from the usual lease. */
interface Given {
	release?: () => KooDriveResponse;
	stopAfter?: number;
	isElsewhere?: boolean | Promise<boolean>;
}

/** Begins a lease with a renewal that was sent just now. */
function startLease({ release, stopAfter = 3_600 * SECOND, isElsewhere = false }: Given = {}) {
	const began = clock.monotonic();
	const renew = async (given: RequestOptions): Promise<KooDriveResponse> => {
		sentWith = given;
		begun.push((clock.monotonic() - began) / SECOND);
		if (meets === 'success') return succeed();
		if (meets !== 'nothing') return fail(meets, known);
		await new Promise((resolve) => given.stopSignal!.addEventListener('abort', resolve));
		return fail(stoppedWith);
	};
	const request = async ({ method }: KooDriveRequest, options: RequestOptions = {}) =>
		method === 'DELETE' ? await Promise.resolve(release!()) : await renew(options);
	const limiter = new Limiter(1);
	const enter = limiter.run.bind(limiter);
	limiter.run = async (urgency, ...rest) => {
		neededBy = urgency;
		return await enter(urgency, ...rest);
	};
	const renewer = new LeaseRenewer(
		{
			name: 'Lock "a"',
			lockId: 'a',
			client: { request },
			policy: {},
			limiter,
			releaseAtEnd: release !== undefined,
			renewEvery: 200 * SECOND,
			stopAfter,
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

const explain = (reason: ReasonName) => explainFailure({ reason }, lockMessages.reasons);

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
		const leaseLoss = { at: clock.now() - 800 * SECOND, because: explain(name) };
		expect(renewer.getLoss()).toEqual({ reason: name, leaseLoss });
		expect(logged).toHaveLength(1);
		expect(logged[0]).toContain(`because ${explain(name)}`);
		expect(logged[0]).toMatch(/^warn Lock "a": /);
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
	expect(neededBy).toBe(began + 600 * SECOND);
	await clock.advance(200 * SECOND);
	expect(neededBy).toBe(began + 800 * SECOND);
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
	expect([sentWith.stopSignal!.aborted, sentWith.signal!.aborted]).toEqual([true, false]);
	await stopping;
	renewer.abandon();
	expect(sentWith.signal!.aborted).toBe(true);
});

test('is released at the end unless it is lost', async () => {
	const release = jest.fn(succeed);
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
	const release = () => fail(name);
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
	expect(renewer.getLoss()?.leaseLoss?.because).toBe(explain('tokenRejected'));
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
