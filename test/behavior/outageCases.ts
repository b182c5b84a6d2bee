import { testKeepAlive } from '../compatibility/versions';
import type { Lease } from '../setup';
import { continueOnFail, LOCK_ID, MINUTE, notRenewed, SECOND, useKooDrive } from '../setup';
import type { Fault } from '../simulator';
import { faults } from '../simulator';

/**
 * Outages over real sockets. The server really closes and opens again on its port.
 *
 * @param count how many locks are renewed in one execution
 */
export function testOutages(count: number): void {
	const drive = useKooDrive();
	beforeEach(() => {
		drive.clock.random = Math.random;
		drive.simulator.keepsRequests = false;
	});

	/** Calls back when half of the locks were requested. */
	function halfway(begin: () => void): () => undefined {
		let requests = 0;
		return () => void (++requests === count / 2 && begin());
	}

	/** Returns the fault for so many seconds, beginning halfway. */
	function faultFor(fault: Fault, seconds: number): () => Fault | undefined {
		let endsAt = -Infinity;
		const begin = halfway(() => (endsAt = drive.clock.monotonic() + seconds * SECOND));
		return () => {
			begin();
			return drive.clock.monotonic() < endsAt ? fault : undefined;
		};
	}

	/** Closes the server for so many seconds. */
	async function closeFor(seconds: number): Promise<void> {
		const { simulator } = drive;
		const port = Number(new URL(simulator.endpoint).port);
		await simulator.stop();
		await drive.clock.sleep(seconds * SECOND);
		await simulator.start(port);
	}

	test.each([2, 5, 15, 20])(
		'renews all locks although KooDrive refuses connections for %d s',
		async (seconds) => {
			let reopened: Promise<void> | undefined;
			drive.simulator.faultFor = halfway(() => (reopened = closeFor(seconds)));
			const executed = await drive.run(drive.locks(count), {}, continueOnFail);
			await reopened;
			expect(notRenewed(executed)).toBe(0);
		},
	);

	test.each<[string, number, Fault]>([
		['HTTP 503', 1, faults.status(503)],
		['HTTP 503', 3, faults.status(503)],
		['HTTP 503', 15, faults.status(503)],
		['connection resets', 5, faults.resetBefore()],
	])(
		'renews all locks although KooDrive responds with %s for %d s',
		async (_what, seconds, fault) => {
			drive.simulator.faultFor = faultFor(fault, seconds);
			const executed = await drive.run(drive.locks(count), {}, continueOnFail);
			expect(notRenewed(executed)).toBe(0);
		},
	);

	test('tries every lock although HTTP 503 lasts 40 s', async () => {
		drive.simulator.faultFor = faultFor(faults.status(503), 40);
		const executed = await drive.run(drive.locks(count), {}, continueOnFail);
		const errors = executed.json('Next').map(({ error }) => String(error ?? ''));
		expect(errors.filter((error) => error.includes('was skipped'))).toEqual([]);
	});

	test('renews a single lock although KooDrive refuses connections for 20 s', async () => {
		const items = drive.locks(1);
		const reopened = closeFor(20);
		const { json } = await drive.run(items);
		await reopened;
		expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	});
}

/**
 * Executions against a KooDrive that never responds again.
 *
 * @param count how many locks are renewed in one execution
 * @param maxConcurrency such that not all of them begin before the circuit breaker opens
 */
export function testUnavailableService(count: number, maxConcurrency: number): void {
	const drive = useKooDrive();
	const items = Array.from({ length: count }, (_, index) => ({ lockId: `${index}@100` }));

	async function expectAnEnd(options = {}): Promise<void> {
		const began = drive.clock.monotonic();
		const since = new Date(drive.clock.now()).toISOString().slice(0, 10);
		const { json } = await drive.run(
			items,
			{ options: { maxConcurrency, ...options } },
			continueOnFail,
		);
		// A minute until the circuit breaker opens, and the timeout of the attempts in flight.
		expect(drive.clock.monotonic() - began).toBeLessThanOrEqual(70 * SECOND);
		const errors = json('Next').map(({ error }) => String(error));
		expect(errors).toHaveLength(count);
		expect(errors[0]).not.toContain('was skipped');
		expect(errors.at(-1)).toMatch(
			/^Lock "\d+@100" was not renewed: it was skipped, because KooDrive couldn't be reached \(since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)$/,
		);
		expect(errors.at(-1)).toContain(since);
	}

	test('ends the execution when the port refuses all connections', async () => {
		await drive.simulator.stop();
		await expectAnEnd();
		await drive.simulator.start();
	});

	test('ends the execution when all responses are HTTP 503', async () => {
		drive.simulator.faultFor = () => faults.status(503);
		await expectAnEnd();
	});

	test('ends the execution when there are no responses', async () => {
		drive.simulator.faultFor = () => faults.silence();
		// A timeout passes in real time.
		await expectAnEnd({ timeout: 20 });
	});
}

/**
 * One healthy lock among others whose renewals always fail.
 *
 * @param sick how many others there are
 */
export function testSickLocks(lease: Lease, sick: number, maxConcurrency: number): void {
	testKeepAlive(
		`renews a healthy lock in time while ${sick} get HTTP 503, at Max Concurrency ${maxConcurrency}`,
		async () => {
			const { drive } = lease;
			const items = [...drive.locks(sick), { lockId: LOCK_ID }];
			const renewedAt: number[] = [];
			let areSick = false;
			lease.faultFor = ({ headers }) => {
				const isHealthy = headers['x-backup-lock-id'] === LOCK_ID;
				if (isHealthy) renewedAt.push(drive.clock.now());
				return areSick && !isHealthy ? faults.status(503) : undefined;
			};
			drive.clock.random = Math.random;
			await lease.run(
				async () => {
					areSick = true;
					await drive.clock.advance(12 * MINUTE);
				},
				{ items, options: { maxConcurrency } },
			);
			const gaps = renewedAt.slice(1).map((at, index) => at - renewedAt[index]!);
			expect(gaps.length).toBeGreaterThanOrEqual(3);
			expect(Math.max(...gaps)).toBeLessThan(240 * SECOND);
			expect(drive.simulator.locks.alive).toEqual([LOCK_ID]);
		},
	);
}
