import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

import type { Account } from './authentication';
import { whyRefused } from './authentication';
import { SimulatedClock } from './clock';
import type { Fault } from './faults';
import { Locks } from './locks';
import { Records } from './records';
import type { Reply } from './replies';
import {
	done,
	MODULE_CODES,
	objectIn,
	parameterCheckFailed,
	resourceMissing,
	success,
} from './replies';

export type { Account } from './authentication';
export { faults } from './faults';
export type { Fault } from './faults';

/** A request that reached the simulator. */
export interface RecordedRequest {
	method: string;
	/** The request target: the path and the query. */
	target: string;
	headers: IncomingHttpHeaders;
	/** Names and values in turn, exactly as they were sent. */
	rawHeaders: string[];
	body: string;
	/** When it came, by the machine's clock: milliseconds since the Unix epoch. */
	at: number;
}

const LOCK_PATH = '/koodrive/ose/v1/backup/lock';
const SESSION_PATH = '/koodrive/ose/v1/session/auth';
const RECORD_PATH = '/koodrive/ose/v1/backup/record';
const userNotAllowed = {
	status: 403,
	body: { code: 13000410, msg: 'the user may not operate on this space' },
};
const noSuchApi: Reply = {
	status: 404,
	body: { error_code: 'APIG.0101', error_msg: 'No such API' },
};
const notAuthorized = {
	status: 401,
	body: {
		error_code: 'APIG.0301',
		error_msg: 'Incorrect authentication information',
		request_id: '5d3d1c2e',
	},
};

export const defaultAccount: Account = {
	userId: '1505084218764547200',
	accessToken: '60f4ccc7b1a94e3fa2d5c8e7f1b3a6d9',
	appId: '6d1c5f0e2b',
	appSecret: 'f3a9d27c5b8e41c09d6e7f8a1b2c3d4e',
};

/** Room for clients that open thousands of connections at once; the operating system may grant less. */
const LONG_BACKLOG = 65_535;

/**
 * KooDrive over HTTP on loopback: as strict as the API reference allows it to be, with a clock that a test
 * can set and faults that it can order.
 */
export class KooDriveSimulator {
	readonly locks = new Locks(() => this.clock.now());

	readonly records = new Records(() => this.clock.now(), this.locks);

	readonly requests: RecordedRequest[] = [];

	account: Account = { ...defaultAccount };

	/** Milliseconds that each answer takes. */
	latency = 0;

	/** Decides on a fault for each request for which none was ordered. */
	faultFor: (request: RecordedRequest) => Fault | undefined = () => undefined;

	/** Whether requests are kept in {@link requests}. */
	keepsRequests = true;

	/** The most connections that clients held open at the same time. */
	mostConnections = 0;

	/** How many connections were opened. */
	connections = 0;

	private readonly orderedFaults: Fault[] = [];

	private readonly sockets = new Set<Socket>();

	private readonly heldByClients = new Set<Socket>();

	private readonly server: Server;

	/**
	 * @param clock the service's clock
	 * @param certificate for a service that speaks https: its key and certificate, as PEM
	 */
	constructor(
		readonly clock = new SimulatedClock(),
		private readonly certificate?: { key: string | Buffer; cert: string | Buffer },
	) {
		const serve = (request: IncomingMessage, response: ServerResponse) =>
			void this.serve(request, response);
		this.server =
			certificate === undefined ? createServer(serve) : createSecureServer(certificate, serve);
		this.server.on('connection', (socket) => {
			this.connections++;
			this.sockets.add(socket);
			this.heldByClients.add(socket);
			this.mostConnections = Math.max(this.mostConnections, this.heldByClients.size);
			// The client has closed its end some time before this side has closed, too.
			socket.on('end', () => this.heldByClients.delete(socket));
			socket.on('close', () => {
				this.heldByClients.delete(socket);
				this.sockets.delete(socket);
			});
			socket.on('error', () => undefined);
		});
	}

	/** Starts listening on a free port of loopback. */
	async start(port = 0): Promise<this> {
		this.server.listen({ port, host: '127.0.0.1', backlog: LONG_BACKLOG });
		await once(this.server, 'listening');
		return this;
	}

	/** Stops, and closes all connections. */
	async stop(): Promise<void> {
		for (const socket of this.sockets) socket.destroy();
		await new Promise((resolve) => this.server.close(resolve));
	}

	/** The endpoint to enter into a credential. */
	get endpoint(): string {
		const scheme = this.certificate === undefined ? 'http' : 'https';
		return `${scheme}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	/** How many connections are open now. */
	get openConnections(): number {
		return this.sockets.size;
	}

	/** Orders faults for the next requests, one each. */
	failNext(...faults: Fault[]): void {
		this.orderedFaults.push(...faults);
	}

	private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const recorded: RecordedRequest = {
			method: request.method ?? '',
			target: request.url ?? '',
			headers: request.headers,
			rawHeaders: request.rawHeaders,
			body: Buffer.concat(chunks).toString(),
			at: Date.now(),
		};
		if (this.keepsRequests) this.requests.push(recorded);
		const fault = this.orderedFaults.shift() ?? this.faultFor(recorded);
		if (this.latency > 0) await after(this.latency);
		await this.answer(recorded, Buffer.concat(chunks), response, fault);
	}

	private async answer(
		request: RecordedRequest,
		body: Buffer,
		response: ServerResponse,
		fault: Fault | undefined,
	): Promise<void> {
		const { socket } = response;
		response.setHeader('Date', new Date(this.clock.now()).toUTCString());
		switch (fault?.kind) {
			case 'answer':
				response.writeHead(fault.status, fault.headers);
				response.end(fault.body);
				return;
			case 'echo':
				sendJson(response, fault.status, {
					error_code: 'APIG.0301',
					error_msg: `Unknown credential ${String(request.headers.authorization)}`,
				});
				return;
			case 'resetBefore':
				socket?.resetAndDestroy();
				return;
			case 'silence':
				this.handle(request, body);
				return;
		}
		const { status, body: answer } = this.handle(request, body);
		const text = JSON.stringify(answer);
		switch (fault?.kind) {
			case 'resetDuring':
				response.writeHead(status, { 'Content-Length': text.length });
				response.write(text.slice(0, 5), () => socket?.resetAndDestroy());
				return;
			case 'cutOff':
				response.writeHead(status, { 'Content-Length': text.length });
				response.write(text.slice(0, 5), () => socket?.end());
				return;
			case 'drip':
				response.writeHead(status, { 'Content-Length': text.length });
				for (const character of text) {
					if (response.destroyed) return;
					response.write(character);
					await after(fault.pause);
				}
				response.end();
				return;
			case 'delay':
				await after(fault.milliseconds);
				break;
			case 'skewedDate':
				response.setHeader('Date', new Date(this.clock.now() + fault.milliseconds).toUTCString());
				break;
			case 'noDate':
				response.removeHeader('Date');
				response.sendDate = false;
				break;
		}
		sendJson(response, status, answer);
	}

	private handle(request: RecordedRequest, body: Buffer): Reply {
		const refused = whyRefused({ ...request, body }, this.account, this.clock.now());
		if (refused === 'user') return userNotAllowed;
		if (refused !== undefined) return notAuthorized;
		const url = new URL(request.target, 'http://host');
		const route = `${request.method} ${url.pathname}`;
		const lockId = String(request.headers['x-backup-lock-id'] ?? '');
		switch (route) {
			case `GET ${SESSION_PATH}`:
				return this.session(request);
			case `POST ${LOCK_PATH}`:
				return this.createLock(body);
			case `PATCH ${LOCK_PATH}`:
				if (lockId === '' || body.length > 0) return parameterCheckFailed;
				return this.locks.renew(lockId) ? done : resourceMissing;
			case `DELETE ${LOCK_PATH}`:
				if (lockId === '' || body.length > 0) return parameterCheckFailed;
				return this.locks.release(lockId) ? done : resourceMissing;
		}
		return this.handleRecord(request, url, lockId, body) ?? noSuchApi;
	}

	/** Whoever signs has no session. */
	private session({ headers }: RecordedRequest): Reply {
		if (headers.authorization?.startsWith('HMAC') === true) return notAuthorized;
		const { userId } = this.account;
		return { status: 200, body: { data: { innerUserId: userId }, ...success } };
	}

	private handleRecord(
		{ method }: RecordedRequest,
		{ pathname, searchParams: query }: URL,
		lockId: string,
		body: Buffer,
	): Reply | undefined {
		if (!pathname.startsWith(RECORD_PATH)) return undefined;
		const rest = pathname.slice(RECORD_PATH.length);
		return this.records.answer({ method, rest, query, lockId, body });
	}

	private createLock(body: Buffer): Reply {
		const { moduleCode } = objectIn(body) ?? {};
		if (typeof moduleCode !== 'string' || !MODULE_CODES.includes(moduleCode)) {
			return parameterCheckFailed;
		}
		return {
			status: 200,
			body: { data: { lockId: this.locks.create(moduleCode) }, ...success },
		};
	}
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, { 'Content-Type': 'application/json' });
	response.end(JSON.stringify(body));
}

async function after(milliseconds: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
