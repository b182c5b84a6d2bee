import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

import { answerInstead, sendReply } from './answering';
import { documentedShapes } from './answerShapes';
import type { Account } from './authentication';
import { whyRefused } from './authentication';
import { SimulatedClock } from './clock';
import { Devices } from './devices';
import type { Fault } from './faults';
import { Files } from './files';
import { Locks } from './locks';
import { ObjectStore } from './objectStore';
import { Records } from './records';
import type { Reply } from './replies';
import { noSuchApi, notAuthorized, userNotAllowed } from './replies';
import { accountRoutes } from './routes/account';
import { deviceRoutes } from './routes/devices';
import { fileRoutes } from './routes/files';
import { lockRoutes } from './routes/locks';
import { recordRoutes } from './routes/records';
import { replyTo } from './routes/route';
import type { ServerCertificate } from './service';
import { after, SimulatedService } from './service';

export type { Account } from './authentication';
export { faults } from './faults';
export type { Fault } from './faults';
export type { StoreRequest } from './objectStore';
export { storeFaults } from './store/faults';
export type { StoreFault } from './store/faults';

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

export const defaultAccount: Account = {
	userId: '1505084218764547200',
	accessToken: '60f4ccc7b1a94e3fa2d5c8e7f1b3a6d9',
	appId: '6d1c5f0e2b',
	appSecret: 'f3a9d27c5b8e41c09d6e7f8a1b2c3d4e',
};

/**
 * KooDrive over HTTP on loopback: as strict as the API reference allows it to be, with a clock that a test
 * can set and faults that it can order.
 */
export class KooDriveSimulator extends SimulatedService<RecordedRequest, Fault> {
	readonly locks = new Locks(() => this.clock.now());

	readonly devices = new Devices(() => this.clock.now());

	readonly records = new Records(() => this.clock.now());

	/** Where the links of the file calls lead. */
	readonly store: ObjectStore;

	readonly files: Files;

	/** The individual space of the account. */
	readonly containerId = '1505084218764547201';

	account: Account = { ...defaultAccount };

	/** How the answers of the file calls are laid out. */
	shapes = documentedShapes();

	private readonly routes;

	/**
	 * @param clock the service's clock
	 * @param certificate makes the service and its object store speak https
	 */
	constructor(
		readonly clock = new SimulatedClock(),
		certificate?: ServerCertificate,
	) {
		super(certificate);
		this.store = new ObjectStore(clock, certificate);
		this.files = new Files(() => clock.now(), this.records, this.store);
		this.routes = [
			...lockRoutes(this.locks),
			...recordRoutes(this.records, this.files, this.locks),
			...fileRoutes(this, () => this.shapes),
			...deviceRoutes(this.devices),
			...accountRoutes(() => this.account, this.containerId),
		];
	}

	/** Starts the service on a port of loopback, a free one by default, and its object store on another. */
	override async start(port = 0): Promise<this> {
		await this.store.start();
		return await super.start(port);
	}

	override async stop(): Promise<void> {
		await this.store.stop();
		await super.stop();
	}

	protected override async serve(
		request: IncomingMessage,
		response: ServerResponse,
	): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const body = Buffer.concat(chunks);
		const recorded: RecordedRequest = {
			method: request.method ?? '',
			target: request.url ?? '',
			headers: request.headers,
			rawHeaders: request.rawHeaders,
			body: body.toString(),
			at: Date.now(),
		};
		const fault = this.record(recorded);
		if (this.latency > 0) await after(this.latency);
		const now = this.clock.now();
		response.setHeader('Date', new Date(now).toUTCString());
		if (answerInstead(response, request.headers, fault)) return;
		await sendReply(response, this.handle(recorded, body), fault, now);
	}

	private handle(request: RecordedRequest, body: Buffer): Reply {
		const refused = whyRefused({ ...request, body }, this.account, this.clock.now());
		if (refused === 'user') return userNotAllowed;
		if (refused !== undefined) return notAuthorized;
		const { method, target, headers } = request;
		const { pathname: path, searchParams: query } = new URL(target, 'http://host');
		return replyTo({ method, path, query, headers, body }, this.routes) ?? noSuchApi;
	}
}
