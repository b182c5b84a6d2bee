import type { FileLink } from '../../shared/api/files';
import { getDownloadLinks, readDownloadLinks } from '../../shared/api/files';
import { RequestFailedError } from '../../shared/errors/requestFailedError';
import type { KooDriveResponse } from '../../shared/http/client';
import type { Clock } from '../../shared/http/clock';
import type { KooDriveRequest } from '../../shared/http/request';
import type { Link } from './links';
import { isFresh, toLink } from './links';

/** KooDrive returns up to 100 links at a time; fewer, because they expire while files wait for their turn. */
const LINKS_PER_REQUEST = 20;

type SendRequest = (request: KooDriveRequest) => Promise<KooDriveResponse>;

/** The links from which the files of a backup are downloaded. */
export class DownloadLinks {
	private readonly links = new Map<string, Link>();

	/** The requests in flight, by the files that they ask for: files that are downloaded in parallel share them. */
	private readonly asked = new Map<string, Promise<FileLink[]>>();

	/**
	 * @param containerId the space with the files
	 * @param fileIds in the order in which they're downloaded
	 */
	constructor(
		private readonly containerId: string,
		private readonly fileIds: readonly string[],
		private readonly clock: Pick<Clock, 'monotonic'>,
	) {}

	/**
	 * @param request sends a request to KooDrive; throws RequestFailedError
	 * @returns the link to a file, which lives for some more minutes
	 * @throws RequestFailedError when KooDrive returns none
	 */
	async get(fileId: string, request: SendRequest): Promise<string> {
		const asked = this.asked.get(fileId);
		// If that fails, this file asks for itself.
		if (asked !== undefined) await asked.catch(() => undefined);
		const known = this.links.get(fileId);
		return isFresh(known, this.clock) ? known.url : await this.renew(fileId, request);
	}

	/** Asks for a new link to a file, and for those to the files after it. */
	async renew(fileId: string, request: SendRequest): Promise<string> {
		const first = this.fileIds.indexOf(fileId);
		const downloads = await this.ask(this.fileIds.slice(first, first + LINKS_PER_REQUEST), request);
		const own = downloads.find(({ fileId: id }) => id === fileId);
		if (own?.url !== undefined) return own.url;
		throw toFailure(own);
	}

	private async ask(fileIds: string[], request: SendRequest): Promise<FileLink[]> {
		const asked = request(getDownloadLinks(this.containerId, fileIds)).then(({ body }) =>
			readDownloadLinks(body),
		);
		for (const fileId of fileIds) this.asked.set(fileId, asked);
		try {
			const downloads = await asked;
			for (const { fileId, url } of downloads) {
				if (url !== undefined) this.links.set(fileId, toLink(url, this.clock));
			}
			return downloads;
		} finally {
			for (const fileId of fileIds) this.asked.delete(fileId);
		}
	}
}

/** A file without a link comes with its own code and message. */
function toFailure(download: FileLink | undefined): RequestFailedError {
	const { code, msg } = download ?? {};
	return new RequestFailedError({
		reason: code === 13000309 ? 'notFound' : 'responseIncomplete',
		...(code !== undefined && { code }),
		...(msg !== undefined && { msg }),
		...(download === undefined && { detail: 'no download link' }),
	});
}
