import type { IDataObject } from 'n8n-workflow';

import { isJsonObject } from '../../shared/http/json';
import type { Clock } from '../../shared/http/clock';
import type { KooDriveRequest } from '../../shared/http/request';
import { RequestFailedError } from '../../shared/http/result';
import type { Link } from './links';
import { isFresh, toLink } from './links';
import type { PartPlan, PartRequest } from './parts';
import { listParts } from './parts';

/** How many links one request asks for. How many it may ask for isn't documented; the printed example asks for 5. */
export const LINKS_PER_REQUEST = 20;

/** The links to which the parts of one file are sent. */
export class UploadLinks {
	private readonly links = new Map<number, Link>();

	/**
	 * @param first the `multiParts` of the response that created the file
	 * @param request sends a request to KooDrive and returns the response's body; throws RequestFailedError
	 */
	constructor(
		private readonly fileId: string,
		private readonly plan: PartPlan,
		first: unknown,
		private readonly request: (request: KooDriveRequest) => Promise<IDataObject>,
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
		const { multiParts, data } = await this.request(toLinkRequest(this.fileId, parts));
		// That the fields may be under `data`, as in responses about backups, is assumed.
		this.add(multiParts ?? (isJsonObject(data) ? data.multiParts : undefined));
		const link = this.links.get(partNumber);
		if (link !== undefined) return link.url;
		throw new RequestFailedError({
			reason: 'responseIncomplete',
			detail: `no link for part ${partNumber}`,
		});
	}

	private add(multiParts: unknown): void {
		if (!Array.isArray(multiParts)) return;
		for (const part of multiParts) {
			if (!isJsonObject(part) || typeof part.uploadUrl !== 'string') continue;
			this.links.set(Number(part.partNumber), toLink(part.uploadUrl, this.clock));
		}
	}
}

/** Source: KooDrive API Reference, "Obtaining Upload Links". */
function toLinkRequest(fileId: string, parts: PartRequest[]): KooDriveRequest {
	return {
		method: 'POST',
		path: '/koodrive/ose/v1/files/multipart/uploadUrl',
		body: { fileId, multiParts: parts.map((part) => ({ ...part })) },
		idempotent: true,
		codeMayBeText: true,
	};
}
