import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';

import type { Fault } from '../simulator';
import { faults, KooDriveSimulator } from '../simulator';
import { errorOf, useKooDrive } from '../setup';
import { until } from '../until';

const drive = useKooDrive();

const final: Array<[string, Fault, RegExp, RegExp]> = [
	[
		'HTTP 401',
		faults.gateway(401, 'APIG.0301', 'Incorrect authentication'),
		/rejected the access token \(HTTP 401, code APIG\.0301, "Incorrect authentication"\)/,
		/expire after 20 minutes.*enter a new token.*Token Format/,
	],
	[
		'HTTP 400 alone',
		faults.status(400),
		/rejected the request without giving a reason \(HTTP 400\)/,
		/invalid credential/,
	],
	['HTTP 403', faults.status(403), /denied access/, /User ID/],
	[
		'HTTP 404',
		faults.status(404),
		/backup service wasn't found at the Endpoint \(HTTP 404\)/,
		/check 'Endpoint'/,
	],
	['HTTP 409', faults.status(409), /rejected the request \(HTTP 409\)/, /Error Codes/],
	['code 13000102', faults.code(13000102, 'p', 400), /rejected a parameter/, /Check 'Lock ID'/],
	[
		'code 13000301',
		faults.code(13000301, 's'),
		/KooDrive space doesn't exist/,
		/activate the space/,
	],
	[
		'code 13000309',
		faults.code(13000309, 'r', 400),
		/the lock doesn't exist/,
		/expires 10 minutes/,
	],
	['code 13000311', faults.code(13000311, 'f'), /KooDrive space is full/, /Delete old backups/],
	['code 13000410', faults.code(13000410, 'n', 400), /denied access/, /User ID/],
	['code 13000412', faults.code(13000412, 's', 400), /isn't active/, /activate the space/],
	[
		'an unknown code',
		faults.code(13999999, 'strange', 400),
		/code 13999999, "strange"/,
		/Error Codes/,
	],
	['a negative code', faults.code(-1, 'no'), /code -1, "no"/, /Error Codes/],
	[
		'a gateway error',
		faults.gateway(400, 'APIGW.0308', 'quota'),
		/gateway.*APIGW\.0308, "quota"/,
		/Endpoint/,
	],
	['HTTP 400 with code 0', faults.code(0, 'success', 400), /HTTP 400/, /credential/],
	[
		'a web page',
		faults.html(),
		/isn't from KooDrive \(HTTP 200, a web page instead of JSON\)/,
		/sign-in page/,
	],
	['a list', faults.body('[]'), /isn't from KooDrive \(HTTP 200, a JSON list/, /check 'Endpoint'/],
	['a code that is a string', faults.body('{"code":"0"}'), /without an integer "code"/, /Endpoint/],
	[
		'a code that is a fraction',
		faults.body('{"code":0.5}'),
		/without an integer "code"/,
		/Endpoint/,
	],
	[
		'a word',
		faults.body('OK', 200, 'text/plain'),
		/isn't from KooDrive \(HTTP 200, not a JSON object\)/,
		/Endpoint/,
	],
	['null', faults.body('null'), /isn't from KooDrive/, /Endpoint/],
];

test.each(final)(
	'does not retry after %s and says what to do',
	async (_what, fault, message, hint) => {
		drive.simulator.failNext(fault);
		const error = errorOf(await drive.run(drive.locks(1)));
		expect(drive.simulator.requests).toHaveLength(1);
		expect(drive.clock.sleeps).toEqual([]);
		expect(error.message).toMatch(/^Lock "[^"]+@100" was not renewed: /);
		expect(error.message).toMatch(message);
		expect(error.description).toMatch(hint);
		expect(error.name).toBe('NodeApiError');
	},
);

test.each([301, 302, 303, 307, 308])('does not follow a redirect with HTTP %d', async (status) => {
	const thief = await new KooDriveSimulator().start();
	drive.simulator.failNext(
		faults.redirect(`${thief.endpoint}/koodrive/ose/v1/backup/lock`, status),
	);
	const error = errorOf(await drive.run(drive.locks(1)));
	await thief.stop();
	expect(thief.requests).toEqual([]);
	expect(drive.simulator.requests).toHaveLength(1);
	expect(error.message).toContain(`redirects aren't followed (HTTP ${status})`);
});

test('prevents n8n from sending the request again after HTTP 401', async () => {
	drive.credential.accessToken = 'a-token-that-has-died';
	await drive.run(drive.locks(1));
	expect(drive.simulator.requests).toHaveLength(1);
});

test('prevents n8n from sending the request again after an HTTP 401 that is cut off', async () => {
	drive.credential.accessToken = 'a-token-that-has-died';
	drive.simulator.failNext(faults.cutOff());
	await drive.run(drive.locks(1), { options: { maxTries: 1 } });
	expect(drive.simulator.requests).toHaveLength(1);
});

test.each([
	[429, 'renew less often'],
	[400, "Check 'Lock ID'. Then open the KooDrive API credential"],
])('says what to do after HTTP %d', async (status, hint) => {
	drive.simulator.faultFor = () => faults.status(status);
	expect(errorOf(await drive.run(drive.locks(1))).description).toContain(hint);
});

test('passes on additional fields of a response', async () => {
	drive.simulator.failNext(
		faults.body('{"code":0,"msg":"success","traceId":"7","data":{"n":[1,null]}}'),
	);
	const { json } = await drive.run(drive.locks(1));
	expect(json('Next')).toEqual([{ code: 0, msg: 'success', traceId: '7', data: { n: [1, null] } }]);
});

test('treats a code other than 0 as a failure, even with HTTP 200', async () => {
	drive.simulator.failNext(faults.body('{"code":13000309,"msg":"gone"}'));
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(error.name).toBe('NodeApiError');
	expect(error.message).toContain('Lock "a@100" was not renewed');
	expect(error.message).toContain('code 13000309, "gone"');
	expect(error.httpCode).toBe('200');
	// n8n's error view shows it as "Error data".
	expect(error.context).toMatchObject({ data: { code: 13000309, msg: 'gone', httpCode: 200 } });
});

test('says what to do about an expired lock', async () => {
	const [item] = drive.locks(1);
	drive.simulator.clock.advance(10 * 60_000);
	const error = errorOf(await drive.run([item!]));
	expect(error.message).toMatch(/the lock doesn't exist or has expired \(HTTP 400, code 13000309/);
	expect(error.description).toMatch(/expires 10 minutes/);
	expect(error.description).toContain('from the beginning of the workflow and with a new lock');
	expect(error.description).toContain('it ends with the workflow that it runs in');
});

const incomplete: Array<[string, RegExp, string[]]> = [
	[
		'create',
		/^The lock was not created: KooDrive reported success, but didn't return a lock ID/,
		['', ',"data":{"lockId":""}', ',"data":{"lockId":" "}', ',"data":null'],
	],
	[
		'get',
		/^Record "1" was not read: KooDrive reported success, but didn't return a record$/,
		['', ',"data":[]', ',"data":{}', ',"data":{"recordId":" "}'],
	],
	[
		'getAll',
		/didn't return a list of records/,
		[',"data":{}', ',"data":[1]', ',"data":[null]', ',"data":[],"nextCursor":{}'],
	],
];

describe.each(incomplete)('%s', (operation, message, bodies) => {
	test.each(bodies)(
		'treats a success without its data as a failure: {"code":0%s}',
		async (rest) => {
			drive.simulator.failNext(faults.body(`{"code":0${rest}}`));
			const parameters = { operation, moduleCode: '100', recordId: '1' };
			const executed =
				operation === 'create'
					? await drive.run([{}], parameters)
					: await drive.runRecord(parameters);
			expect(errorOf(executed).message).toMatch(message);
		},
	);
});

describe('the size and the encoding of a response', () => {
	const MEBIBYTE = 1024 * 1024;
	let sent = 0;
	let closed: Promise<unknown>;

	async function respondWith(
		respond: (response: ServerResponse, request: IncomingMessage) => void,
	): Promise<void> {
		sent = 0;
		await drive.listen(
			createServer((request, response) => {
				closed = once(response, 'close');
				respond(response, request);
			}),
		);
	}

	/** Endless zeros; counts those that were sent. */
	function zeros(): Readable {
		const chunk = Buffer.alloc(64 * 1024, '0');
		return new Readable({
			read() {
				sent += chunk.length;
				this.push(chunk);
			},
		});
	}

	test.each<[string, (response: ServerResponse) => void]>([
		['plain', (response) => zeros().pipe(response)],
		[
			'compressed',
			(response) => {
				response.writeHead(200, { 'Content-Encoding': 'gzip' });
				zeros().pipe(createGzip()).pipe(response);
			},
		],
	])(
		'reads no more than 1 MiB of an endless response, then closes the connection: %s',
		async (_how, answer) => {
			await respondWith(answer);
			const before = process.memoryUsage().rss;
			const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
			await closed;
			expect(error.message).toContain('the response is larger than 1 MiB');
			// The rest is in the buffers of the sockets and of the compression.
			expect(sent).toBeLessThan(64 * MEBIBYTE);
			expect(process.memoryUsage().rss - before).toBeLessThan(128 * MEBIBYTE);
		},
	);

	test('accepts a response of almost 1 MiB, compressed or not', async () => {
		const text = JSON.stringify({ code: 0, msg: 'x'.repeat(MEBIBYTE - 100) });
		await respondWith((response, { headers }) => {
			if (headers['x-backup-lock-id'] === 'plain') {
				response.end(text);
				return;
			}
			response.writeHead(200, { 'Content-Encoding': 'gzip' });
			response.end(gzipSync(text));
		});
		const { json } = await drive.run([{ lockId: 'plain' }, { lockId: 'packed' }]);
		expect(json('Next').map(({ msg }) => String(msg).length)).toEqual([
			MEBIBYTE - 100,
			MEBIBYTE - 100,
		]);
	});

	test('decodes a character that is split between two packets', async () => {
		await respondWith((response) => {
			const bytes = Buffer.from('{"code":0,"msg":"成功"}');
			response.write(bytes.subarray(0, 18));
			setTimeout(() => response.end(bytes.subarray(18)), 20);
		});
		const { json } = await drive.run([{ lockId: 'a@100' }]);
		expect(json('Next')).toEqual([{ code: 0, msg: '成功' }]);
	});

	test('retries after a response whose Content-Encoding is wrong', async () => {
		let responses = 0;
		await respondWith((response) => {
			if (++responses === 1) response.writeHead(200, { 'Content-Encoding': 'gzip' });
			response.end('{"code":0,"msg":"success"}');
		});
		const { json } = await drive.run([{ lockId: 'a@100' }]);
		expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
		expect(responses).toBe(2);
	});

	test('closes the connection of a slow response at the timeout', async () => {
		let ended = 0;
		await respondWith((response) => {
			const timer = setInterval(() => response.write(' '), 20);
			response.on('close', () => {
				ended++;
				clearInterval(timer);
			});
		});
		const options = { timeout: 200, maxTries: 2 };
		const error = errorOf(await drive.run([{ lockId: 'a@100' }], { options }));
		expect(error.message).toContain('response timed out (200 ms)');
		await until('both connections are closed', () => ended === 2);
	});
});
