import { getUploadLinks, LINKS_PER_REQUEST, readUploadLinks } from '../../shared/api/files';
import { RequestFailedError } from '../../shared/errors/requestFailedError';
import type { KooDriveResponse } from '../../shared/http/client';
import type { Clock } from '../../shared/http/clock';
import type { KooDriveRequest } from '../../shared/http/request';
import type { Link } from './links';
import { isFresh, toLink } from './links';
import type { PartPlan } from './parts';
import { listParts } from './parts';

/** The links to which the parts of one file are sent. */
export class UploadLinks {
	private readonly links = new Map<number, Link>();

	/**
	 * @param first those of the response that created the file
	 * @param request sends a request to KooDrive; throws RequestFailedError
	 */
	constructor(
		private readonly fileId: string,
		private readonly plan: PartPlan,
		first: ReadonlyMap<number, string>,
		private readonly request: (request: KooDriveRequest) => Promise<KooDriveResponse>,
		private readonly clock: Pick<Clock, 'monotonic'>,
	) {
		this.add(first);
	}

	/**
	 * @returns the link for a part, which lives for some more minutes
	 * @throws RequestFailedError when KooDrive returns none
	 */
	async get(partNumber: number): Promise<string> {
		const known = this.links.get(partNumber);
		return isFresh(known, this.clock) ? known.url : await this.renew(partNumber);
	}

	/** Asks for a new link for a part, and for those of the parts after it. */
	async renew(partNumber: number): Promise<string> {
		// What was sent already needs no link.
		this.links.clear();
		const parts = listParts(this.plan, partNumber, LINKS_PER_REQUEST);
		const { body } = await this.request(getUploadLinks(this.fileId, parts));
		this.add(readUploadLinks(body));
		const link = this.links.get(partNumber);
		if (link !== undefined) return link.url;
		throw new RequestFailedError({
			reason: 'responseIncomplete',
			detail: `no link for part ${partNumber}`,
		});
	}

	private add(links: ReadonlyMap<number, string>): void {
		for (const [partNumber, url] of links) this.links.set(partNumber, toLink(url, this.clock));
	}
}
