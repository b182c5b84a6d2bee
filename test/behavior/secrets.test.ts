import { inspect } from 'node:util';

import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import type { Executed } from '../engine';
import type { Fault } from '../simulator';
import { faults } from '../simulator';
import { appCredential, continueOnFail, continueWithErrorOutput, useKooDrive } from '../setup';

const drive = useKooDrive();

/** Everything that n8n stores, and every other property of the objects. */
function everythingIn({ run }: Executed): string {
	return JSON.stringify(run) + inspect(run, { depth: 30, showHidden: true, maxArrayLength: null });
}

function expectNoSecretIn(executed: Executed): void {
	const text = everythingIn(executed);
	const { accessToken, appSecret } = drive.simulator.account;
	expect(text).not.toContain(accessToken);
	expect(text).not.toContain(appSecret);
	expect(text).not.toMatch(/Bearer\+[^*]/);
	expect(text).not.toMatch(/Signature=[0-9a-f]/);
	for (const { headers } of drive.simulator.requests) {
		expect(text).not.toContain(headers.authorization);
		const signature = /Signature=([0-9a-f]{64})/.exec(headers.authorization ?? '')?.[1];
		if (signature !== undefined) expect(text).not.toContain(signature);
	}
}

const kinds: Array<[string, Fault]> = [
	['a success', faults.delay(0)],
	['a connection reset', faults.resetBefore()],
	['no response', faults.silence()],
	['a response that is cut off', faults.cutOff()],
	['HTTP 401', faults.status(401)],
	['HTTP 503', faults.status(503)],
	['a web page', faults.html()],
	['a redirect', faults.redirect('http://127.0.0.1:9/')],
	['a 401 response that repeats the Authorization header', faults.echo(401)],
	['a 500 response that repeats the Authorization header', faults.echo(500)],
];

describe.each([
	['a token', () => drive.credential],
	['a signature', () => appCredential(drive)],
])('with %s', (_kind, credential) => {
	test.each(kinds)('stores no secret after %s', async (_what, fault) => {
		drive.credential = credential();
		drive.simulator.faultFor = () => fault;
		for (const settings of [{}, continueOnFail, continueWithErrorOutput]) {
			const options = { timeout: 50, maxTries: 2 };
			const executed = await drive.run(drive.locks(2), { options }, settings);
			expectNoSecretIn(executed);
		}
		expect(drive.simulator.requests.length).toBeGreaterThan(0);
	});
});

test('redacts a token that KooDrive repeats in a successful response', async () => {
	const { accessToken } = drive.simulator.account;
	drive.simulator.failNext(
		faults.body(
			JSON.stringify({ code: 0, msg: `hello Bearer+${accessToken}`, deep: [{ accessToken }] }),
		),
	);
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toEqual([{ code: 0, msg: 'hello ***', deep: [{ accessToken: '***' }] }]);
});

test.each([
	['as it is', (token: string) => token],
	['percent-encoded', encodeURIComponent],
	['with its scheme', (token: string) => `Token ${token}`],
])('redacts a token entered with its scheme when it is repeated %s', async (_how, write) => {
	const token = '60f4ccc7/b19e+52aa';
	drive.credential = { ...drive.credential, accessToken: `Token ${token}`, tokenFormat: 'raw' };
	const msg = `do not know ${write(token)}`;
	drive.simulator.failNext(
		faults.body(JSON.stringify({ code: 13000102, msg, [write(token)]: 1 }), 401),
	);
	const executed = await drive.run([{ lockId: 'a@100' }], {}, continueOnFail);
	expect(drive.simulator.requests[0]?.headers.authorization).toBe(`Token ${token}`);
	expect(executed.json('Next')).toMatchObject([{ details: { msg: 'do not know ***' } }]);
	expect(everythingIn(executed)).not.toContain(write(token));
});

test('stores no secret after a refused connection', async () => {
	await drive.simulator.stop();
	expectNoSecretIn(await drive.run([{ lockId: 'a@100' }]));
	await drive.simulator.start();
});

test('returns one item per input in order, within Max Tries and without a secret, for any sequence of faults', async () => {
	const fault = fc.constantFrom<Fault | undefined>(
		undefined,
		faults.resetBefore(),
		faults.resetDuring(),
		faults.cutOff(),
		faults.empty(),
		faults.html(),
		faults.echo(401),
		faults.status(429, { 'Retry-After': '3' }),
		faults.status(500),
		faults.status(503),
		faults.code(13000102, 'parameter check failed', 400),
		faults.skewedDate(7_200_000),
		faults.noDate(),
	);
	await fc.assert(
		fc.asyncProperty(
			fc.array(fault, { minLength: 1, maxLength: 25 }),
			fc.integer({ min: 1, max: 6 }),
			fc.integer({ min: 1, max: 5 }),
			fc.integer({ min: -120, max: 120 }),
			async (sequence, count, maxTries, minutesAhead) => {
				const { simulator, clock } = drive;
				simulator.requests.length = 0;
				clock.ahead = minutesAhead * 60_000;
				const rest = [...sequence];
				simulator.faultFor = () => rest.shift();
				const items = drive.locks(count);
				const options = { maxTries, maxConcurrency: 2, includeLockDetails: true };
				const began = simulator.clock.now();
				const executed = await drive.run(items, { options }, continueOnFail);

				const output = executed.json('Next');
				expect(output.map(readLockId)).toEqual(items.map(({ lockId }) => lockId));
				for (const { lockId } of items) {
					const tries = simulator.requests.filter(
						({ headers }) => headers['x-backup-lock-id'] === lockId,
					);
					expect(tries.length).toBeGreaterThanOrEqual(1);
					expect(tries.length).toBeLessThanOrEqual(maxTries);
				}
				expect(simulator.clock.now() - began).toBeLessThan(60_000 * count);
				expectNoSecretIn(executed);
			},
		),
		{ numRuns: 60 },
	);
});

test('redacts a short token with its scheme, as it was sent', async () => {
	drive.simulator.account.accessToken = drive.credential.accessToken = 'ab';
	const locks = drive.locks(1);
	drive.simulator.failNext(faults.echo(401));
	const executed = await drive.run(locks, {}, continueOnFail);
	expect(executed.json('Next')).toMatchObject([{ details: { msg: 'Unknown credential ***' } }]);
});

test('redacts a token that KooDrive repeats in a record', async () => {
	const { accessToken } = drive.simulator.account;
	drive.simulator.failNext(
		faults.body(JSON.stringify({ code: 0, data: { recordId: '1', properties: accessToken } })),
	);
	const executed = await drive.runRecord({ operation: 'get', recordId: '1' });
	expect(executed.json('Next')).toEqual([{ recordId: '1', properties: '***' }]);
	expect(JSON.stringify(executed.run)).not.toContain(accessToken);
});

/** @returns the ID of a lock, of a failed item too */
function readLockId({ lockId, details }: IDataObject): unknown {
	return lockId ?? (details as IDataObject).lockId;
}
