import type { SimulatedClock } from './clock';
import type { Line } from './line';
import type { ServerCertificate } from './server';
import type { Exchange, Reply } from './service';
import { SimulatedService } from './service';
import type { Content, Keeping } from './store/content';
import { PieceStorage } from './store/content';
import type { Link, LinkStyle } from './store/links';
import { LinkSigner, parameterOf, storeError } from './store/links';
import { StoredObjects } from './store/uploads';

const CODES: Record<number, string> = {
	400: 'InvalidRequest',
	403: 'AccessDenied',
	404: 'NoSuchKey',
	408: 'RequestTimeout',
	429: 'TooManyRequests',
	503: 'SlowDown',
};

const noSuchKey = storeError(404, 'NoSuchKey', 'The specified key does not exist.');
const noSuchUpload = storeError(
	404,
	'NoSuchUpload',
	'The specified multipart upload does not exist.',
);
const invalidPartOrder = storeError(
	400,
	'InvalidPartOrder',
	'The parts must be uploaded in order.',
);
const invalidRange = storeError(416, 'InvalidRange', 'The requested range is not satisfiable.');

/**
 * The object store that KooDrive's pre-signed links lead to: S3-compatible, on its own port. It takes nothing
 * but what "Obtaining Upload Links" and "Obtaining Download Links" allow, and names each error in XML.
 */
export class ObjectStore extends SimulatedService {
	/** Seconds for which new links can be used, by the simulator's clock. */
	linkLifetime = 3600;

	/** The origin of new links, if it isn't the {@link endpoint}. */
	linkOrigin: string | undefined;

	/** How new links are signed. */
	linkStyle: LinkStyle = 'sigV4';

	/** Where the bytes of new parts are kept. */
	keeps: Keeping = 'memory';

	readonly objects = new StoredObjects();

	private readonly signer = new LinkSigner();

	private readonly storage = new PieceStorage();

	constructor(clock: SimulatedClock, line: Line, certificate?: ServerCertificate) {
		super(clock, line, certificate);
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

	protected override errorReply(status: number): Reply {
		return storeError(status, CODES[status] ?? 'InternalError', `Status ${status}`);
	}

	protected override async carryOut(exchange: Exchange): Promise<Reply> {
		const { recorded } = exchange;
		const rejection = this.signer.whyRejected(recorded, this.clock.now());
		if (rejection === undefined && recorded.method === 'GET') return this.get(exchange);
		const reply = rejection ?? (await this.put(exchange));
		await this.discardBody(exchange);
		return reply;
	}

	private async put(exchange: Exchange): Promise<Reply> {
		const { recorded, fault } = exchange;
		const partNumber = Number(parameterOf(recorded.target, 'partNumber'));
		const upload = this.objects.upload(parameterOf(recorded.target, 'uploadId'));
		if (upload === undefined) return noSuchUpload;
		if (!upload.isInOrder(partNumber)) return invalidPartOrder;
		const part = upload.receive(partNumber, this.storage.writer(this.keeps));
		try {
			for await (const chunk of this.receive(exchange)) part.write(chunk);
		} catch (error) {
			part.discard();
			throw error;
		}
		if (fault.lose === true) part.lose();
		else part.commit();
		return { status: 200, headers: { ETag: `"${partNumber}"` }, body: '' };
	}

	private get({ recorded, request, fault }: Exchange): Reply {
		const content = this.objects.object(recorded.target.replace(/\?.*/s, ''));
		if (content === undefined) return noSuchKey;
		const headers = { 'Content-Type': 'application/octet-stream', 'Accept-Ranges': 'bytes' };
		const range = fault.ignoreRange === true ? undefined : request.headers.range;
		if (range === undefined) return { status: 200, headers, body: bodyOf(content, 0) };
		// Ranges that a client of the product has no reason to ask for are rejected, too.
		const start = Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
		if (!(start < content.length)) return invalidRange;
		const contentRange = `bytes ${start}-${content.length - 1}/${content.length}`;
		return {
			status: 206,
			headers: { ...headers, 'Content-Range': contentRange },
			body: bodyOf(content, start),
		};
	}

	private sign(link: Pick<Link, 'method' | 'path' | 'query' | 'headers'>): string {
		return this.signer.sign({
			...link,
			origin: this.linkOrigin ?? this.endpoint,
			at: this.clock.now(),
			lifetime: this.linkLifetime,
			style: this.linkStyle,
		});
	}
}

function bodyOf(content: Content, start: number) {
	return { length: content.length - start, chunks: () => content.chunks(start) };
}
