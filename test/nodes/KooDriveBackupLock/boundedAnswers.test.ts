import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';

import { testCredential } from '../../../dist/nodes/shared/credentialTest';
import { systemClock } from '../../../dist/nodes/shared/retry/clock';
import { testContext } from '../../engine/credentialTest';
import { until } from '../../until';
import { errorOf, useKooDrive } from '../setup';

const MEBIBYTE = 1024 * 1024;
const drive = useKooDrive();

let server: Server;
let sent = 0;
let closed: Promise<unknown>;

afterEach(() => {
	server.closeAllConnections();
	server.close();
});

async function answerWith(
	answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<void> {
	sent = 0;
	server = createServer((request, response) => {
		closed = once(response, 'close');
		answer(response, request);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	drive.credential.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Zeros without end, and how many of them went out. */
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
		'packed a thousandfold',
		(response) => {
			response.writeHead(200, { 'Content-Encoding': 'gzip' });
			zeros().pipe(createGzip()).pipe(response);
		},
	],
])('reads no more than 1 MiB of an answer without end, then hangs up: %s', async (_how, answer) => {
	await answerWith(answer);
	const before = process.memoryUsage().rss;
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	await closed;
	expect(error.message).toContain('the answer is longer than 1 MiB');
	// What the sockets and the packing hold between the two is not read.
	expect(sent).toBeLessThan(64 * MEBIBYTE);
	expect(process.memoryUsage().rss - before).toBeLessThan(128 * MEBIBYTE);
});

test('takes an answer of almost 1 MiB, packed or not', async () => {
	const text = JSON.stringify({ code: 0, msg: 'x'.repeat(MEBIBYTE - 100) });
	await answerWith((response, { headers }) => {
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

test('reads letters whole whose bytes come apart', async () => {
	await answerWith((response) => {
		const bytes = Buffer.from('{"code":0,"msg":"成功"}');
		response.write(bytes.subarray(0, 18));
		setTimeout(() => response.end(bytes.subarray(18)), 20);
	});
	const { json } = await drive.run([{ lockId: 'a@100' }]);
	expect(json('Next')).toEqual([{ code: 0, msg: '成功' }]);
});

test('tries again when what comes is not packed as it says', async () => {
	let answers = 0;
	await answerWith((response) => {
		if (++answers === 1) response.writeHead(200, { 'Content-Encoding': 'gzip' });
		response.end('{"code":0,"msg":"success"}');
	});
	const { json } = await drive.run([{ lockId: 'a@100' }]);
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	expect(answers).toBe(2);
});

test('leaves no connection open when an answer drips until its time is over', async () => {
	let ended = 0;
	await answerWith((response) => {
		const timer = setInterval(() => response.write(' '), 20);
		response.on('close', () => {
			ended++;
			clearInterval(timer);
		});
	});
	const options = { timeout: 200, maxTries: 2 };
	const error = errorOf(await drive.run([{ lockId: 'a@100' }], { options }));
	expect(error.message).toContain('did not answer in time (200 ms)');
	await until('both connections are closed', () => ended === 2);
});

describe('the test of a credential', () => {
	const press = async () => {
		const credential = { id: '', name: '', type: 'kooDriveApi', data: drive.credential };
		return await testCredential(testContext(), credential, systemClock);
	};

	test('reads no more than 1 MiB, then hangs up', async () => {
		await answerWith((response) => zeros().pipe(response));
		const { status, message } = await press();
		await closed;
		expect(status).toBe('Error');
		expect(message).toContain('the answer is longer than 1 MiB');
		expect(sent).toBeLessThan(64 * MEBIBYTE);
	});

	test('hangs up when its time is over', async () => {
		let timer: NodeJS.Timeout;
		await answerWith((response) => {
			timer = setInterval(() => response.write(' '), 100);
		});
		const { message } = await press();
		expect(message).toContain('did not answer in time (10000 ms)');
		await closed;
		clearInterval(timer!);
	});
});
