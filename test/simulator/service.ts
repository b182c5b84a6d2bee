import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

import type { Body } from './body';
import { cutChunks, invert, SMALL_CHUNK, toBody } from './body';
import type { SimulatedClock } from './clock';
import { nameConnection } from './clock';
import type { Cut, Fault, HowItEnds } from './faults';
import { toEcho } from './faults';
import type { Line } from './line';
import type { ServerCertificate } from './server';
import { LoopbackServer, resetConnection } from './server';

/** A request that reached a service. */
export interface RecordedRequest {
	method: string;
	/** The URL as it was sent: scheme, Host header and request target. */
	url: string;
	/** The request target: the path and the query. */
	target: string;
	headers: IncomingHttpHeaders;
	/** Names and values in turn, exactly as they were sent. */
	rawHeaders: string[];
	/** Of a request to KooDrive; the object store doesn't record bodies. */
	body: string;
	/** How many bytes of the body have arrived. */
	bytes: number;
	/** How many bytes of the response's body were sent. */
	sentBytes: number;
	/** When it arrived, by the simulated monotonic clock. */
	at: number;
	/** The status of the response; `undefined` if there was none. */
	status?: number;
}

/** What a service responds with. */
export interface Reply {
	status: number;
	headers?: Record<string, string | string[]>;
	body: string | Body;
}

export interface Exchange {
	request: IncomingMessage;
	response: ServerResponse;
	recorded: RecordedRequest;
	fault: Fault;
	/** What {@link SimulatedService.readFirst} has read. */
	body: Buffer;
}

class BrokenOff extends Error {}

/** A server on loopback that records its requests, is as slow as its line, and fails as its faults say. */
export abstract class SimulatedService extends LoopbackServer {
	readonly requests: RecordedRequest[] = [];

	/** Whether requests are kept in {@link requests}. */
	keepsRequests = true;

	/** The most requests that were in progress at the same time. */
	mostInFlight = 0;

	/** Decides on a fault for each request for which none was ordered. */
	faultFor: (request: RecordedRequest) => Fault | undefined = () => undefined;

	private readonly orderedFaults: Fault[] = [];

	private inFlight = 0;

	/**
	 * @param line which the service may share with others
	 * @param certificate makes the service speak https
	 */
	constructor(
		readonly clock: SimulatedClock,
		readonly line: Line,
		certificate?: ServerCertificate,
	) {
		super(certificate);
	}

	/** Orders faults for the next requests, one each. */
	failNext(...faults: Fault[]): void {
		this.orderedFaults.push(...faults);
	}

	/** Reads what it needs of the request with {@link receive}, and carries it out. */
	protected abstract carryOut(exchange: Exchange): Promise<Reply>;

	/** The response with a status that a test has ordered without a body. */
	protected abstract errorReply(status: number): Reply;

	/** Reads a body before a fault is decided on, and records it. */
	protected readFirst?(request: IncomingMessage, recorded: RecordedRequest): Promise<Buffer>;

	/** The body of the request, at the speed of the line and as far as a fault lets it. */
	protected async *receive({
		request,
		recorded,
		fault,
	}: Pick<Exchange, 'request' | 'recorded' | 'fault'>): AsyncGenerator<Buffer> {
		if (request.readableEnded) return;
		const { after: limit = Infinity } = getCut(request, fault) ?? {};
		const chunks = request.iterator({ destroyOnReturn: false });
		while (recorded.bytes < limit) {
			const { done, value } = await this.waitFor(request, chunks.next());
			if (done === true) return;
			const chunk = value as Buffer;
			await this.waitFor(request, this.line.pass('up', chunk.length));
			const position = recorded.bytes;
			recorded.bytes += chunk.length;
			this.clock.traffic += chunk.length;
			yield invert(chunk, position, fault.corrupt);
		}
		throw new BrokenOff();
	}

	/** Reads a whole body, so that the client sees the response and no broken pipe. */
	protected async discardBody(exchange: Exchange): Promise<void> {
		for await (const chunk of this.receive(exchange)) void chunk;
	}

	protected override async serve(
		request: IncomingMessage,
		response: ServerResponse,
	): Promise<void> {
		this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
		response.once('close', () => this.inFlight--);
		try {
			await this.exchange(request, response);
		} catch (error) {
			// A client may leave in the middle of its request, and a test may end.
			if (!request.socket.destroyed && this.isListening) throw error;
		}
	}

	private async exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { line, clock } = this;
		const recorded = this.toRecorded(request);
		// An earlier request of the connection, or of another client, may have had the ports.
		clock.waiting.delete(nameOf(request));
		if (line.roundTrip > 0) await this.waitFor(request, clock.sleep(line.roundTrip));
		const body = (await this.readFirst?.(request, recorded)) ?? Buffer.alloc(0);
		if (this.keepsRequests) this.requests.push(recorded);
		const fault = this.orderedFaults.shift() ?? this.faultFor(recorded) ?? {};
		const exchange = { request, response, recorded, fault, body };
		const cut = getCut(request, fault);
		const lost = fault.lost ?? (cut === undefined ? fault.cut : undefined);
		try {
			if (cut?.after === 0) throw new BrokenOff();
			const reply = await this.replyTo(exchange);
			if (fault.delay !== undefined) await after(fault.delay);
			if (lost?.after === 0) this.breakOff(exchange, lost.how);
			else await this.send(exchange, reply, lost);
		} catch (error) {
			if (!(error instanceof BrokenOff)) throw error;
			this.breakOff(exchange, cut!.how);
		}
	}

	private async replyTo(exchange: Exchange): Promise<Reply> {
		const { fault, request } = exchange;
		const { respond, echo } = fault;
		if (respond === undefined && echo === undefined) return await this.carryOut(exchange);
		await this.discardBody(exchange);
		if (echo !== undefined) {
			return { status: echo.status, body: JSON.stringify(toEcho(request.headers)) };
		}
		const { status, headers, body } = respond!;
		if (body !== undefined) return { status, headers, body };
		const reply = this.errorReply(status);
		return { ...reply, headers: { ...reply.headers, ...headers } };
	}

	private async send(exchange: Exchange, reply: Reply, lost: Cut | undefined): Promise<void> {
		const { response, recorded, fault } = exchange;
		recorded.status = response.statusCode = reply.status;
		const body = toBody(reply.body, fault, this.line.isLimited('down') ? SMALL_CHUNK : Infinity);
		const headers = {
			...reply.headers,
			'Content-Length': String(body.length),
			...(fault.gzip && { 'Content-Encoding': 'gzip' }),
			...fault.headers,
		};
		const date = new Date(this.clock.now() + (fault.date ?? 0)).toUTCString();
		for (const [name, value] of Object.entries({ Date: date, ...headers })) {
			if (value !== undefined) response.setHeader(name, value);
		}
		if (fault.date === null) {
			response.sendDate = false;
			response.removeHeader('Date');
		}
		const isPlain = lost === undefined && !this.line.isLimited('down');
		if (typeof reply.body === 'string' && isPlain && fault.drip === undefined) {
			recorded.sentBytes = body.length;
			response.end(reply.body);
			return;
		}
		response.flushHeaders();
		for (const chunk of cutChunks(body.chunks(), lost?.after)) {
			if (fault.drip === undefined) await this.write(exchange, chunk);
			else await drip(response, chunk, fault.drip);
			if (response.destroyed) return;
		}
		if (lost === undefined) response.end();
		else this.breakOff(exchange, lost.how);
		// It may take the client long to read what was sent.
		if (typeof reply.body !== 'string') this.clock.waiting.add(nameOf(exchange.request));
	}

	private async write({ request, response, recorded }: Exchange, chunk: Buffer): Promise<void> {
		await this.waitFor(request, this.line.pass('down', chunk.length));
		if (response.destroyed) return;
		recorded.sentBytes += chunk.length;
		await this.waitFor(request, new Promise((resolve) => response.write(chunk, resolve)));
		this.clock.traffic += chunk.length;
	}

	private breakOff({ request, response }: Exchange, how: HowItEnds): void {
		if (how === 'reset') resetConnection(request.socket);
		if (how === 'close') response.socket?.end();
		if (how === 'stall') this.clock.waiting.add(nameOf(request));
	}

	/** Waits for the client or for time to pass, which isn't work that the fake clock must wait for. */
	private async waitFor<Value>(request: IncomingMessage, what: Promise<Value>): Promise<Value> {
		const name = nameOf(request);
		this.clock.waiting.add(name);
		try {
			return await what;
		} finally {
			this.clock.waiting.delete(name);
		}
	}

	private toRecorded({ method, url, headers, rawHeaders }: IncomingMessage): RecordedRequest {
		return {
			method: method ?? '',
			url: `${this.scheme}://${headers.host}${url}`,
			target: url ?? '',
			headers,
			rawHeaders,
			body: '',
			bytes: 0,
			sentBytes: 0,
			at: this.clock.monotonic(),
		};
	}
}

function nameOf({ socket: { remotePort, localPort } }: IncomingMessage): string {
	return nameConnection(remotePort, localPort);
}

/** @returns where the body of a request breaks off; that of a GET doesn't, but the response */
function getCut({ method }: IncomingMessage, { cut }: Fault): Cut | undefined {
	return method === 'GET' ? undefined : cut;
}

async function drip(response: ServerResponse, chunk: Buffer, pause: number): Promise<void> {
	for (let index = 0; index < chunk.length && !response.destroyed; index++) {
		response.write(chunk.subarray(index, index + 1));
		await after(pause);
	}
}

async function after(milliseconds: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
