import type { IDataObject } from 'n8n-workflow';

import type { ItemParameters } from '../descriptions/itemParameters';
import { readPages } from '../http/pages';
import type { KooDriveRequest } from '../http/request';
import type { ItemResult, Operation } from './operation';

/** An operation whose response comes in pages. */
export interface PagedRequest {
	/**
	 * @returns the request for the first page, without the page's parameters, and how many entries the user wants
	 * @throws UserError when a parameter isn't valid
	 */
	read: (item: ItemParameters) => { request: KooDriveRequest; limit: number };
	/** @returns the item for the next node */
	toOutput: (entry: IDataObject) => IDataObject;
}

/** Makes an operation that reads a list page by page and returns an item for each entry. */
export function pagedRequest({ read, toOutput }: PagedRequest): NonNullable<Operation['execute']> {
	return async function executePagedRequest(item, execution): Promise<ItemResult> {
		const { request, limit } = read(item);
		const send = async (page: KooDriveRequest) => await execution.request(item, page);
		const entries = await readPages(request, limit, send);
		return { ok: true, items: entries.map((entry) => ({ json: toOutput(entry) })) };
	};
}
