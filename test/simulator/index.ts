import type { IncomingMessage } from 'node:http';

import { accountRoutes, deviceRoutes, Devices } from './account';
import type { Account } from './authentication';
import { whyRefused } from './authentication';
import { SimulatedClock } from './clock';
import { documentedShapes, fileRoutes } from './fileRoutes';
import { Files } from './files';
import { Line } from './line';
import { lockRoutes, Locks } from './locks';
import { ObjectStore } from './objectStore';
import { recordRoutes, Records } from './records';
import type { ApiReply } from './replies';
import { noSuchApi, notAuthorized, replyTo, userNotAllowed } from './replies';
import type { ServerCertificate } from './server';
import type { Exchange, RecordedRequest, Reply } from './service';
import { SimulatedService } from './service';

export type { Account } from './authentication';
export { faults } from './faults';
export type { Fault } from './faults';
export type { RecordedRequest } from './service';

export const defaultAccount: Account = {
	userId: '1505084218764547200',
	accessToken: '60f4ccc7b1a94e3fa2d5c8e7f1b3a6d9',
	appId: '6d1c5f0e2b',
	appSecret: 'f3a9d27c5b8e41c09d6e7f8a1b2c3d4e',
};

/**
 * KooDrive over HTTP on loopback: as strict as the API reference allows it to be, with a clock that a test
 * can set, a line that it can make slow, and faults that it can order.
 */
export class KooDriveSimulator extends SimulatedService {
	readonly locks = new Locks(() => this.clock.now());

	readonly devices = new Devices(() => this.clock.now());

	readonly records = new Records(() => this.clock.now());

	/** Where the links of the file calls lead. It shares the line. */
	readonly store: ObjectStore;

	readonly files: Files;

	/** The individual space that the backups lie in. */
	readonly containerId = '1505084218764547201';

	/** Further individual spaces of the account: then a request for its space must name one. */
	otherContainerIds: string[] = [];

	account: Account = { ...defaultAccount };

	/** How the responses of the file calls are laid out. */
	shapes = documentedShapes();

	private readonly routes;

	/**
	 * @param certificate makes the service speak https
	 * @param storeCertificate makes its object store speak https; the same by default
	 */
	constructor(
		clock = new SimulatedClock(),
		certificate?: ServerCertificate,
		storeCertificate: ServerCertificate | null = certificate ?? null,
	) {
		const line = new Line(clock);
		super(clock, line, certificate);
		this.store = new ObjectStore(clock, line, storeCertificate ?? undefined);
		this.files = new Files(() => clock.now(), this.records, this.store);
		this.routes = [
			...lockRoutes(this.locks),
			...recordRoutes(this.records, this.files, this.locks),
			...fileRoutes(this),
			...deviceRoutes(this.devices),
			...accountRoutes(this),
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

	protected override async readFirst(
		request: IncomingMessage,
		recorded: RecordedRequest,
	): Promise<Buffer> {
		const chunks: Buffer[] = [];
		for await (const chunk of this.receive({ request, recorded, fault: {} })) chunks.push(chunk);
		const body = Buffer.concat(chunks);
		recorded.body = body.toString();
		return body;
	}

	protected override async carryOut({ recorded, fault, body }: Exchange): Promise<Reply> {
		const reply = this.handle(recorded, body);
		const changed = fault.change?.(reply.body as Record<string, unknown>) ?? reply.body;
		return await Promise.resolve({
			status: reply.status,
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify(changed),
		});
	}

	protected override errorReply(status: number): Reply {
		return { status, body: '' };
	}

	private handle(request: RecordedRequest, body: Buffer): ApiReply {
		const refused = whyRefused({ ...request, body }, this.account, this.clock.now());
		if (refused === 'user') return userNotAllowed;
		if (refused !== undefined) return notAuthorized;
		const { method, target, headers } = request;
		const { pathname: path, searchParams: query } = new URL(target, 'http://host');
		return replyTo({ method, path, query, headers, body }, this.routes) ?? noSuchApi;
	}
}
