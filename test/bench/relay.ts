import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** Milliseconds by which bytes may be early or late, because timers are. */
const SLACK = 20;

/** Bytes pass in pieces of at least so many, and of no more than pass in so many milliseconds. */
const SMALLEST_PIECE = 4 * 1024;
const LONGEST_PIECE = 10;

/** One direction of a line, which connections share: bytes pass in the order in which they come. */
export class Line {
	private freeAt = 0;

	/** @param rate bytes per millisecond */
	constructor(private readonly rate = Infinity) {}

	/** Bytes that pass at once. */
	get piece(): number {
		return Math.max(SMALLEST_PIECE, Math.floor(this.rate * LONGEST_PIECE));
	}

	/** Ends when these bytes have passed. */
	async pass(bytes: number): Promise<void> {
		if (this.rate === Infinity) return;
		const now = performance.now();
		this.freeAt = Math.max(now - SLACK, this.freeAt) + bytes / this.rate;
		if (this.freeAt > now + SLACK) await setTimeout(this.freeAt - now);
	}
}

/**
 * A proxy in front of the server that makes a line of the loopback: everything arrives half a round trip later, a
 * connection takes a whole one before anything can be sent, like TCP's handshake, and the bytes of all connections
 * share the line. The round trips of TLS and HTTP follow from that; TCP's slow start doesn't.
 */
export class Relay {
	/** Milliseconds of a round trip. */
	roundTrip = 0;

	/** Bytes per millisecond that one connection gets in a direction, whatever the line has left. */
	connectionRate = Infinity;

	private readonly server: Server;

	/** @param port where the server listens on loopback */
	constructor(
		private readonly port: number,
		private readonly up = new Line(),
		private readonly down = new Line(),
	) {
		this.server = createServer((client) => {
			client.on('error', () => undefined).pause();
			void setTimeout(this.roundTrip).then(() => this.join(client));
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
		client.setNoDelay(true);
		upstream.on('error', () => undefined);
		void this.forward(client, upstream, this.up);
		void this.forward(upstream, client, this.down);
	}

	private async forward(from: Socket, to: Socket, line: Line): Promise<void> {
		const later = (what: () => void) => void setTimeout(this.roundTrip / 2).then(what);
		const own = new Line(this.connectionRate);
		const piece = Math.min(line.piece, own.piece);
		try {
			for await (const chunk of from as AsyncIterable<Buffer>) {
				for (let start = 0; start < chunk.length; start += piece) {
					const bytes = chunk.subarray(start, start + piece);
					await own.pass(bytes.length);
					await line.pass(bytes.length);
					later(() => to.write(bytes));
					// Otherwise, what the receiver doesn't read would pile up here.
					if (to.writableNeedDrain) await untilDrained(to);
				}
			}
			later(() => to.end());
		} catch {
			later(() => to.destroy());
		}
	}
}

async function untilDrained(socket: Socket): Promise<void> {
	await new Promise<void>((resolve) => {
		const end = () => {
			socket.off('drain', end).off('close', end);
			resolve();
		};
		socket.on('drain', end).on('close', end);
	});
}
