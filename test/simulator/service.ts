import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Room for clients that open thousands of connections at once; the operating system may grant less. */
const LONG_BACKLOG = 65_535;

/** The key and the certificate of a service that speaks https, as PEM. */
export interface ServerCertificate {
	key: string | Buffer;
	cert: string | Buffer;
}

/** A server on loopback that records its requests and answers some of them with faults. */
export abstract class SimulatedService<RecordedRequest, Fault> {
	readonly requests: RecordedRequest[] = [];

	/** Whether requests are kept in {@link requests}. */
	keepsRequests = true;

	/** Milliseconds that each answer takes. */
	latency = 0;

	/** The most connections that clients held open at the same time. */
	mostConnections = 0;

	/** How many connections were opened. */
	connections = 0;

	/** Decides on a fault for each request for which none was ordered. */
	faultFor: (request: RecordedRequest) => Fault | undefined = () => undefined;

	private readonly orderedFaults: Fault[] = [];

	private readonly sockets = new Set<Socket>();

	private readonly heldByClients = new Set<Socket>();

	private readonly server: Server;

	private port = 0;

	/** @param certificate makes the service speak https */
	constructor(private readonly certificate?: ServerCertificate) {
		const serve = (request: IncomingMessage, response: ServerResponse) =>
			void this.serveUnlessClosed(request, response);
		this.server =
			certificate === undefined ? createServer(serve) : createSecureServer(certificate, serve);
		this.server.on('connection', (socket) => this.track(socket));
	}

	/** Starts listening on a free port of loopback. */
	async start(port = 0): Promise<this> {
		this.server.listen({ port, host: '127.0.0.1', backlog: LONG_BACKLOG });
		await once(this.server, 'listening');
		this.port = (this.server.address() as AddressInfo).port;
		return this;
	}

	/** Stops, and closes all connections. */
	async stop(): Promise<void> {
		await this.close();
	}

	/** Restarts: closes all connections, refuses new ones during the wait, and then listens on the same port again. */
	async restart(wait: () => Promise<void>): Promise<void> {
		await this.close();
		await wait();
		await SimulatedService.prototype.start.call(this, this.port);
	}

	/** Where the service listens, or will listen again after a restart: scheme, host and port. */
	get endpoint(): string {
		const scheme = this.certificate === undefined ? 'http' : 'https';
		return `${scheme}://127.0.0.1:${this.port}`;
	}

	/** How many connections are open now. */
	get openConnections(): number {
		return this.sockets.size;
	}

	/** Orders faults for the next requests, one each. */
	failNext(...faults: Fault[]): void {
		this.orderedFaults.push(...faults);
	}

	protected abstract serve(request: IncomingMessage, response: ServerResponse): Promise<void>;

	/** Records a request and says which fault it meets. */
	protected record(request: RecordedRequest): Fault | undefined {
		if (this.keepsRequests) this.requests.push(request);
		return this.orderedFaults.shift() ?? this.faultFor(request);
	}

	/** A client may leave in the middle of its request. */
	private async serveUnlessClosed(
		request: IncomingMessage,
		response: ServerResponse,
	): Promise<void> {
		try {
			await this.serve(request, response);
		} catch (error) {
			if (!request.socket.destroyed) throw error;
		}
	}

	private async close(): Promise<void> {
		for (const socket of this.sockets) socket.destroy();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private track(socket: Socket): void {
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
	}
}

/** Closes a connection with a TCP reset. Node can't reset a TLS connection: that one is closed without notice. */
export function resetConnection(socket: Socket | null): void {
	if (socket instanceof TLSSocket) socket.destroy();
	else socket?.resetAndDestroy();
}

export async function after(milliseconds: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
