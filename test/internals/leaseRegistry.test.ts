import type { ExecutionStatus } from '#dist/nodes/shared/leases/leaseRegistry';
import { LeaseRegistry } from '#dist/nodes/shared/leases/leaseRegistry';
import type { Lease } from '#dist/nodes/shared/leases/leaseRenewer';
import { FakeClock } from '../engine/fakeClock';
import { SimulatedClock } from '../simulator/clock';
import { MINUTE, SECOND } from '../time';

/* An execution whose end n8n doesn't report, as after a Wait node: when its execution data is looked at. */

let clock: FakeClock;
let registry: LeaseRegistry;
let began: number;

/** How many renewals were sent, and how many handlers n8n was given for the end of the execution. */
let renewals: number;
let handlers: number;

/** What n8n's execution data shows; `undefined` where it can't be read. */
let status: ExecutionStatus | undefined;

/** At which minutes n8n's execution data was looked at. */
let looks: number[];

beforeEach(() => {
	clock = new FakeClock(new SimulatedClock(0), 'manual');
	clock.random = () => 0;
	registry = new LeaseRegistry();
	began = clock.now();
	[renewals, handlers, looks] = [0, 0, []];
	status = 'running';
});
afterEach(() => clock.end());

const execution = {
	id: 'execution-1',
	onFinish: () => handlers++,
	getStatus: async () => {
		looks.push((clock.now() - began) / MINUTE);
		if (status === undefined) throw new Error('the database is unavailable');
		return await Promise.resolve(status);
	},
};

const lease: Omit<Lease, 'lockId'> = {
	name: 'a lease',
	client: {
		request: async () => {
			renewals++;
			const attempts = { count: 1, outcomeUnknown: false, startedAt: clock.monotonic() };
			return await Promise.resolve({ body: {}, attempts });
		},
	},
	policy: {},
	renewEvery: 200 * SECOND,
	releaseAtEnd: false,
	logger: { warn: () => undefined, info: () => undefined },
};

function start(lockId = 'a@100'): void {
	registry.start(execution, { ...lease, lockId }, clock.monotonic(), clock);
}

test('renews a lock again after its lease was ended', async () => {
	start();
	await registry.end(execution.id, 'a@100');
	start();
	await clock.advance(200 * SECOND);
	expect(renewals).toBe(1);
});

test('keeps a lease that begins while another execution ends the one before', async () => {
	start();
	const ended = registry.end('execution-2', 'a@100');
	start();
	await ended;
	expect(registry.size.leases).toBe(1);
});

test('gives n8n one handler for the end, and another one after each wait', async () => {
	const startAll = () => ['a', 'b', 'c'].forEach(start);
	status = 'unknown';
	startAll();
	expect(handlers).toBe(1);
	status = 'waiting';
	await clock.advance(MINUTE);
	status = 'running';
	await clock.advance(MINUTE);
	startAll();
	startAll();
	expect(handlers).toBe(2);
});

test('ends the lease when the data of an execution that has waited was deleted', async () => {
	status = 'unknown';
	start();
	await clock.advance(10 * MINUTE);
	status = 'waiting';
	await clock.advance(30 * MINUTE);
	expect(renewals).toBe(12);
	expect(registry.size.leases).toBe(1);
	status = 'unknown';
	await clock.advance(5 * MINUTE);
	expect(registry.size).toEqual({ executions: 0, leases: 0 });
});

test('looks at no execution without leases', async () => {
	start();
	await registry.end(execution.id, 'a@100');
	await clock.advance(MINUTE);
	expect(registry.size.executions).toBe(0);
	expect(looks).toEqual([]);
});

test.each<[string, ExecutionStatus, number, number[]]>([
	['once a minute while it runs', 'running', 5, [1, 2, 3, 4, 5]],
	[
		'less and less often while it waits, because n8n then reads all its data',
		'waiting',
		20,
		[1, 2.5, 4.75, 8.125, 13.125, 18.125],
	],
])(
	'looks at an execution %s, however many leases it has',
	async (_how, shown, minutes, expected) => {
		status = shown;
		['a', 'b', 'c'].forEach(start);
		await clock.advance(minutes * MINUTE);
		expect(looks).toEqual(expected);
	},
);

test('keeps the lease while the execution data cannot be read', async () => {
	status = undefined;
	start();
	await clock.advance(30 * MINUTE);
	expect(renewals).toBe(9);
	// No wait was noticed, so missing data doesn't mean that the execution has ended.
	status = 'unknown';
	await clock.advance(2 * MINUTE);
	expect(registry.size.leases).toBe(1);
	status = 'ended';
	await clock.advance(MINUTE);
	expect(registry.size).toEqual({ executions: 0, leases: 0 });
});
