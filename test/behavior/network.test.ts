import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';

import type { IDataObject } from 'n8n-workflow';

import { testTlsHandshake } from '../compatibility/versions';
import { KooDriveSimulator } from '../simulator';
import { makeCertificate } from '../simulator/certificate';
import { errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();

test('retries a refused connection ten times and then names the cause', async () => {
	drive.clock.random = () => 0;
	await drive.simulator.stop();
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(error.message).toContain('the connection was refused (ECONNREFUSED)');
	expect(error.description).toContain('The request was sent 10 times.');
	drive.simulator = await new KooDriveSimulator().start();
});

test('retries the DNS lookup of a host name that does not exist', async () => {
	drive.credential.endpoint = 'https://koodrive.invalid';
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(error.message).toMatch(/the Endpoint's host name (doesn't exist|couldn't be resolved)/);
	expect(error.description).toMatch(/was sent (4|10) times/);
});

test('says that the Endpoint does not support https', async () => {
	drive.credential.endpoint = drive.simulator.endpoint.replace('http:', 'https:');
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(error.message).toContain("a TLS (SSL) connection couldn't be established");
	expect(drive.simulator.requests).toEqual([]);
});

test('says that the Endpoint does not speak HTTP', async () => {
	await drive.listen(createServer((socket) => socket.end('220 ready\r\n')));
	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	expect(error.message).toMatch(/the connection failed \(HPE_/);
});

describe('TLS', () => {
	const certificate = makeCertificate();

	let connections = 0;

	let requests = 0;

	beforeEach(() => {
		connections = requests = 0;
	});

	/** An HTTPS server that interrupts the TLS handshakes of its first connections. */
	async function listenAfter(count: number, treat: (socket: Socket) => void): Promise<void> {
		const behind = createHttpsServer(certificate, (_request, response) => {
			requests++;
			response.end();
		});
		await drive.listen(
			createServer((socket) => {
				socket.on('error', () => undefined);
				if (++connections > count) behind.emit('connection', socket);
				else socket.once('data', () => treat(socket));
			}),
			'https',
		);
	}

	/** A fatal alert, internal_error. Source: RFC 8446, section 6. */
	const ALERT = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50]);

	const restarts: Array<[string, (socket: Socket) => void, jest.It]> = [
		['a reset', (socket) => socket.resetAndDestroy(), testTlsHandshake],
		['an end', (socket) => socket.end(), test],
		['an alert', (socket) => socket.end(ALERT), test],
	];

	test('does not send the token to a server with an untrusted certificate', async () => {
		await listenAfter(0, () => undefined);
		const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
		expect(error.message).toContain(
			"the Endpoint's TLS (SSL) certificate isn't trusted (DEPTH_ZERO_SELF_SIGNED_CERT)",
		);
		expect(error.description).toContain('NODE_EXTRA_CA_CERTS');
		const create = { operation: 'create', moduleCode: '100' };
		expect(errorOf(await drive.run([{}], create)).description).not.toContain('may have created');
		expect(requests).toBe(0);
	});

	// The third connection gets as far as the certificate, which shows that the request was retried.
	describe.each(restarts)(
		'%s during the TLS handshake of a server that restarts',
		(_what, treat, testCreate) => {
			const isRetried = (parameters: IDataObject) => async () => {
				await listenAfter(2, treat);
				const error = errorOf(await drive.run([{ lockId: 'a@100' }], parameters));
				expect(connections).toBe(3);
				expect(error.message).toContain("the Endpoint's TLS (SSL) certificate isn't trusted");
				expect(error.description).toContain('The request was sent 3 times.');
				expect(requests).toBe(0);
			};

			test('is retried by Renew', isRetried({ operation: 'renew' }));

			testCreate(
				'is retried by Create, which was not carried out,',
				isRetried({ operation: 'create', moduleCode: '100' }),
			);
		},
	);

	test('retries a TLS alert three times, not ten', async () => {
		await listenAfter(Infinity, (socket) => socket.end(ALERT));
		const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
		expect(connections).toBe(3);
		expect(error.message).toContain("a TLS (SSL) connection couldn't be established (EPROTO)");
	});

	testTlsHandshake(
		'retries a connection that closes during the TLS handshake ten times',
		async () => {
			drive.clock.random = () => 0;
			await listenAfter(Infinity, (socket) => socket.resetAndDestroy());
			const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
			expect(connections).toBe(10);
			expect(error.message).toContain('closed during the TLS handshake (ECONNRESET)');
		},
	);
});
