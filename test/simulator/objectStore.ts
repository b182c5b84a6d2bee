import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

import type { SimulatedClock } from './clock';
import type { Keeping } from './store/keeping';
import { PieceStorage } from './store/keeping';
import type { ServerCertificate } from './service';
import { after, SimulatedService } from './service';
import type { Link } from './store/signedLinks';
import { LinkSigner, parameterOf } from './store/signedLinks';
import { StoredObjects } from './store/objects';
import type { StoreFault } from './store/faults';
import type { StoreReply } from './store/replies';
import { invalidPartOrder, noSuchKey, noSuchUpload, notKept } from './store/replies';
import { whyNotAllowed } from './store/rules';
import { breakOff, receiveBody, sendObject } from './store/transfers';

/** A request that reached the object store. */
export interface StoreRequest {
	method: string;
	/** The URL as it was sent: scheme, Host header and request target. */
	url: string;
	/** The request target: the path and the query. */
	target: string;
	headers: IncomingHttpHeaders;
	/** How many bytes of the body have arrived. */
	bytes: number;
	/** When it came, by the machine's clock: milliseconds since the Unix epoch. */
	at: number;
	/** The status it was answered with; `undefined` if it wasn't. */
	status?: number;
}

interface Exchange {
	recorded: StoreRequest;
	request: IncomingMessage;
	response: ServerResponse;
	fault: StoreFault | undefined;
}

/**
 * The object store that KooDrive's pre-signed links lead to: S3-compatible, on its own port. It takes nothing
 * but what "Obtaining Upload Links" and "Obtaining Download Links" allow, and names each error in XML.
 */
export class ObjectStore extends SimulatedService<StoreRequest, StoreFault> {
	/** Seconds for which new links can be used, by the simulator's clock. */
	linkLifetime = 3600;

	/** The origin of new links, if it isn't the {@link endpoint}. */
	linkOrigin: string | undefined;

	/** How the bytes of new parts are kept. */
	keeps: Keeping = 'memory';

	/** The most requests that were in progress at the same time. */
	mostInFlight = 0;

	readonly objects = new StoredObjects();

	private inFlight = 0;

	private readonly signer = new LinkSigner();

	private readonly storage = new PieceStorage();

	constructor(
		private readonly clock: SimulatedClock,
		certificate?: ServerCertificate,
	) {
		super(certificate);
	}

	override async stop(): Promise<void> {
		await super.stop();
		this.storage.remove();
	}

	/** @returns a link that takes exactly this part */
	uploadLink(uploadId: string, partNumber: number, partSize: number): string {
		return this.sign({
			method: 'PUT',
			path: this.objects.upload(uploadId)!.key,
			query: [
				['partNumber', String(partNumber)],
				['uploadId', uploadId],
			],
			headers: { 'content-length': String(partSize) },
		});
	}

	/** @returns a link to the object with this key */
	downloadLink(key: string, fileName: string): string {
		const disposition = encodeURIComponent(`attachment; filename="${fileName}"`);
		const query: Link['query'] = [['response-content-disposition', disposition]];
		return this.sign({ method: 'GET', path: key, query, headers: {} });
	}

	protected override async serve(
		request: IncomingMessage,
		response: ServerResponse,
	): Promise<void> {
		const recorded: StoreRequest = {
			method: request.method ?? '',
			url: `${new URL(this.endpoint).protocol}//${request.headers.host}${request.url}`,
			target: request.url ?? '',
			headers: request.headers,
			bytes: 0,
			at: Date.now(),
		};
		const fault = this.record(recorded);
		this.countInFlight(response);
		if (fault?.kind === 'delay') await after(fault.milliseconds);
		if (this.latency > 0) await after(this.latency);
		await this.answer({ recorded, request, response, fault });
	}

	private async answer(exchange: Exchange): Promise<void> {
		const { recorded, fault } = exchange;
		exchange.response.setHeader('Date', new Date(this.clock.now()).toUTCString());
		const refused =
			fault?.kind === 'answer'
				? fault.reply
				: whyNotAllowed(recorded, this.signer, this.clock.now());
		if (refused !== undefined) await refuse(exchange, refused);
		else if (recorded.method === 'PUT') await this.put(exchange);
		else await this.get(exchange);
	}

	private async put(exchange: Exchange): Promise<void> {
		const { recorded, request, response, fault } = exchange;
		const partNumber = Number(parameterOf(recorded.target, 'partNumber'));
		const upload = this.objects.upload(parameterOf(recorded.target, 'uploadId'));
		if (upload === undefined) return await refuse(exchange, noSuchUpload);
		if (!upload.isInOrder(partNumber)) return await refuse(exchange, invalidPartOrder);
		const part = upload.receive(partNumber, this.storage.writer(this.keeps));
		try {
			await receiveBody(request, count(recorded), { part, fault });
		} catch (error) {
			part.discard();
			throw error;
		}
		if (fault?.kind === 'breakOff') {
			part.discard();
			return breakOff(response, fault.how);
		}
		if (fault?.kind === 'lose') part.lose();
		else part.commit();
		if (fault?.kind === 'noAnswer') return breakOff(response, fault.how);
		send(exchange, { status: 200, headers: { ETag: `"${partNumber}"` }, body: '' });
	}

	private async get(exchange: Exchange): Promise<void> {
		const { recorded, response, fault } = exchange;
		const content = this.objects.object(recorded.target.replace(/\?.*/s, ''));
		if (content === undefined) return await refuse(exchange, noSuchKey);
		if (!content.isKept) return await refuse(exchange, notKept);
		if (fault?.kind === 'noAnswer') return breakOff(response, fault.how);
		recorded.status = response.statusCode = 200;
		response.setHeader('Content-Type', 'application/octet-stream');
		await sendObject(response, content, fault);
	}

	private sign(link: Pick<Link, 'method' | 'path' | 'query' | 'headers'>): string {
		return this.signer.sign({
			...link,
			origin: this.linkOrigin ?? this.endpoint,
			at: this.clock.now(),
			lifetime: this.linkLifetime,
		});
	}

	private countInFlight(response: ServerResponse): void {
		this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
		response.once('close', () => this.inFlight--);
	}
}

function count(recorded: StoreRequest): (bytes: number) => void {
	return (bytes) => (recorded.bytes += bytes);
}

/** Reads the whole body first, so that the client sees the answer and no broken pipe. */
async function refuse(exchange: Exchange, reply: StoreReply): Promise<void> {
	await receiveBody(exchange.request, count(exchange.recorded));
	send(exchange, reply);
}

function send({ recorded, response }: Exchange, { status, headers, body }: StoreReply): void {
	recorded.status = status;
	response.writeHead(status, headers);
	response.end(body);
}
