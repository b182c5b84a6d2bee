import { faults } from '../simulator';
import type { Executed } from '../engine';
import {
	continueOnFail,
	continueWithErrorOutput,
	errorOf,
	MINUTE,
	notRenewed,
	SECOND,
	useKooDrive,
} from '../setup';

/** At Max Concurrency 1: a hundred begin, and another hundred when those give up, shortly before it opens. */
const TRIED = 200;

describe('the circuit breaker', () => {
	const drive = useKooDrive();

	/** Runs the node, and expects that it ends when the circuit breaker opens. */
	async function runUntilOpen(...given: Parameters<typeof drive.run>): Promise<Executed> {
		const began = drive.clock.monotonic();
		const executed = await drive.run(...given);
		expect(drive.clock.monotonic() - began).toBeLessThanOrEqual(60 * SECOND);
		return executed;
	}

	test('ends the execution when no connection can be made, and says how many locks were not tried', async () => {
		drive.simulator.faultFor = () => faults.status(404);
		const whole = errorOf(await drive.run(drive.locks(3)));
		expect(whole.description).toContain('All locks were processed.');
		const items = drive.locks(TRIED + 5);
		await drive.simulator.stop();
		const partly = errorOf(await runUntilOpen(items, { options: { maxConcurrency: 1 } }));
		await drive.simulator.start();
		expect(partly.message).toMatch(/^205 of 205 locks were not renewed/);
		expect(partly.description).not.toContain('All locks were processed');
		expect(partly.description).toMatch(
			/ 5 of the locks were skipped, because KooDrive couldn't be reached\./,
		);
	});

	test('ends the execution when all responses are HTTP 503, and says which locks were not tried and since when', async () => {
		const since = new Date(drive.clock.now()).toISOString().slice(0, 19).replace('T', ' ');
		// Fewer attempts, so that the test is fast.
		drive.simulator.faultFor = () => faults.status(503, { 'Retry-After': '50' });
		// The expression of the last fails.
		const lockId = '={{ $itemIndex === 201 ? $("Nowhere").item.json.lockId : $json.lockId }}';
		const { json } = await runUntilOpen(
			Array.from({ length: TRIED + 2 }, (_, index) => ({ lockId: `${index}@100` })),
			{ lockId, options: { maxConcurrency: 1 } },
			continueOnFail,
		);
		for (const tried of json('Next').slice(0, TRIED))
			expect(tried.details).toMatchObject({ httpCode: 503 });
		const error = expect.stringContaining(
			`it was skipped, because KooDrive couldn't be reached (since ${since} UTC)`,
		) as string;
		expect(json('Next').slice(TRIED)).toMatchObject([
			{ error, details: { lockId: '200@100' } },
			{ error, details: {} },
		]);
	});

	test('renews every other lock while some always get HTTP 503', async () => {
		const items = drive.locks(120);
		for (let index = 0; index < 40; index++) items[index * 3] = { lockId: `dead-${index}@100` };
		let isAway = true;
		drive.simulator.faultFor = ({ headers }) => {
			const isDead = String(headers['x-backup-lock-id']).startsWith('dead');
			if (isDead) return faults.status(503);
			isAway = !isAway;
			return isAway ? faults.status(503) : undefined;
		};
		const executed = await drive.run(items, {}, continueOnFail);
		expect(notRenewed(executed)).toBe(40);
	});

	test('sends at most as many requests at a time as Max Concurrency, and fewer per second during an outage', async () => {
		const { clock, simulator } = drive;
		const rate = async () => {
			simulator.requests.length = 0;
			const began = clock.monotonic();
			await drive.run(drive.locks(100), { options: { maxConcurrency: 20 } }, continueOnFail);
			return simulator.requests.length / (clock.monotonic() - began);
		};
		// A request takes 2 milliseconds, and 20 requests take them at the same time.
		const passTime = () => simulator.clock.advance(2 / 20);
		simulator.faultFor = () => void passTime();
		const available = await rate();
		simulator.faultFor = () => {
			passTime();
			return faults.status(503);
		};
		const unavailable = await rate();
		expect(simulator.mostConnections).toBeLessThanOrEqual(20);
		expect(unavailable).toBeLessThan(available / 2);
	});

	test('stays closed when one lock gets no response for a minute while others are renewed', async () => {
		const { simulator } = drive;
		const items = drive.locks(120);
		const silent = items[0]!.lockId;
		let requests = 0;
		simulator.faultFor = ({ headers }) => {
			if (++requests === 20) simulator.clock.advance(MINUTE);
			return headers['x-backup-lock-id'] === silent ? faults.silence() : faults.delay(15);
		};
		// A timeout passes in real time: this one ends in the middle of the execution.
		const options = { timeout: 1_000, maxConcurrency: 2 };
		const { json } = await drive.run(items, { options }, continueOnFail);
		expect(json('Next').flatMap(({ error }) => error ?? [])).toEqual([
			expect.stringContaining('response timed out') as string,
		]);
	});

	test('does not say that a lock may exist after a Create that was not tried', async () => {
		await drive.simulator.stop();
		const parameters = { operation: 'create', moduleCode: '100', options: { maxConcurrency: 1 } };
		const items = Array.from({ length: 2 * TRIED }, () => ({}));
		const { json } = await drive.run(items, parameters, continueWithErrorOutput);
		await drive.simulator.start();
		const { error, message } = json('Failed').at(-1)!;
		expect(error).toContain('was skipped');
		expect(message).not.toContain('may have created');
	});
});
