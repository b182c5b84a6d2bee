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

/** A server on loopback that knows its connections. */
export abstract class LoopbackServer {
	/** The most connections that clients held open at the same time. */
	mostConnections = 0;

	/** How many connections were opened. */
	connections = 0;

	private readonly sockets = new Set<Socket>();

	private readonly heldByClients = new Set<Socket>();

	private readonly server: Server;

	private port = 0;

	/** @param certificate makes the server speak https */
	constructor(private readonly certificate?: ServerCertificate) {
		const serve = (request: IncomingMessage, response: ServerResponse) =>
			void this.serve(request, response);
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
		await LoopbackServer.prototype.start.call(this, this.port);
	}

	/** Where the service listens, or will listen again after a restart: scheme, host and port. */
	get endpoint(): string {
		return `${this.scheme}://127.0.0.1:${this.port}`;
	}

	/** How many connections are open now. */
	get openConnections(): number {
		return this.sockets.size;
	}

	protected get scheme(): string {
		return this.certificate === undefined ? 'http' : 'https';
	}

	/** Whether the server has started, and hasn't been stopped. */
	protected get isListening(): boolean {
		return this.server.listening;
	}

	protected abstract serve(request: IncomingMessage, response: ServerResponse): Promise<void>;

	private async close(): Promise<void> {
		const closed = new Promise((resolve) => this.server.close(resolve));
		for (const socket of this.sockets) socket.destroy();
		await closed;
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
export function resetConnection(socket: Socket): void {
	if (socket instanceof TLSSocket) socket.destroy();
	else socket.resetAndDestroy();
}
