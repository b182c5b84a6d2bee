import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/**
 * A proxy in front of the server that adds latency: everything arrives half a round trip later, and a connection takes
 * a whole one before anything can be sent, like TCP's handshake. The round trips of TLS and HTTP follow from that.
 */
export class Relay {
	/** Milliseconds of a round trip. */
	roundTrip = 0;

	private readonly server: Server;

	/** @param port where the server listens on loopback */
	constructor(private readonly port: number) {
		this.server = createServer((client) => {
			client.on('error', () => undefined).pause();
			setTimeout(() => this.join(client), this.roundTrip);
		});
	}

	/** Starts listening. */
	async start(): Promise<this> {
		this.server.listen({ port: 0, host: '127.0.0.1', backlog: 65_535 });
		await once(this.server, 'listening');
		return this;
	}

	/** Where it listens. */
	get listensAt(): number {
		return (this.server.address() as AddressInfo).port;
	}

	private join(client: Socket): void {
		const upstream = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
		this.forward(client, upstream);
		this.forward(upstream, client);
	}

	private forward(from: Socket, to: Socket): void {
		const later = (what: () => void) => setTimeout(what, this.roundTrip / 2);
		from.setNoDelay(true);
		from.on('data', (chunk) => later(() => to.write(chunk)));
		from.on('end', () => later(() => to.end()));
		from.on('error', () => to.destroy());
		// Where nothing went wrong, what hasn't been sent yet is sent before the connection ends.
		from.on('close', () => later(() => (from.readableEnded ? to.end() : to.destroy())));
		// It was paused until the connection was established.
		from.resume();
	}
}
