import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';

import { makeCertificate } from '../../simulator/certificate';
import { errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();
const certificate = makeCertificate();

let server: Server | undefined;
let connections = 0;
let requests = 0;

beforeEach(() => {
	connections = requests = 0;
});
afterEach(() => server?.close());

async function listen(listening: Server): Promise<void> {
	server = listening.listen(0, '127.0.0.1');
	await once(server, 'listening');
	drive.credential.endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An https server that treats the handshakes of its first connections in another way. */
async function listenAfter(count: number, treat: (socket: Socket) => void): Promise<void> {
	const behind = createHttpsServer(certificate, (_request, response) => {
		requests++;
		response.end();
	});
	await listen(
		createServer((socket) => {
			socket.on('error', () => undefined);
			if (++connections > count) behind.emit('connection', socket);
			else socket.once('data', () => treat(socket));
		}),
	);
}

/** A fatal alert, internal_error. Source: RFC 8446, section 6. */
const ALERT = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50]);

const restarts: Array<[string, (socket: Socket) => void]> = [
	['a reset', (socket) => socket.resetAndDestroy()],
	['an end', (socket) => socket.end()],
	['an alert', (socket) => socket.end(ALERT)],
];

test('does not send the token to a server whose certificate nobody vouches for', async () => {
	await listenAfter(0, () => undefined);
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(error.message).toContain(
		"does not trust the Endpoint's certificate (DEPTH_ZERO_SELF_SIGNED_CERT)",
	);
	expect(error.description).toContain('NODE_EXTRA_CA_CERTS');
	expect(requests).toBe(0);
});

// That the third connection gets as far as the certificate shows that the call was sent again.
describe.each(restarts)('%s in the handshake of a server that restarts', (_what, treat) => {
	test.each([
		['Renew', { operation: 'renew' }],
		['Create, which was surely not carried out,', { operation: 'create', moduleCode: '100' }],
	])('makes %s try again', async (_name, parameters) => {
		await listenAfter(2, treat);
		const error = errorOf(await drive.run([{ lockId: 'a@100' }], parameters));
		expect(connections).toBe(3);
		expect(error.message).toContain("does not trust the Endpoint's certificate");
		expect(error.description).toContain('It was tried 3 times.');
		expect(requests).toBe(0);
	});
});

test('an alert that lasts is tried three times, and not ten', async () => {
	await listenAfter(Infinity, (socket) => socket.end(ALERT));
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(connections).toBe(3);
	expect(error.message).toContain('no encrypted connection came about (EPROTO)');
});

test('a handshake that breaks off for ever is tried ten times, and named', async () => {
	drive.clock.chance = () => 0;
	await listenAfter(Infinity, (socket) => socket.resetAndDestroy());
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(connections).toBe(10);
	expect(error.message).toContain('the connection broke off before it was encrypted (ECONNRESET)');
});
