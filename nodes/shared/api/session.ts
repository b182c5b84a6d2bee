import type { KooDriveRequest } from '../http/request';
import { listRecords } from './records';

/** A read, and of one record at most: the test of a credential must change nothing. */
export function listOneRecord(): KooDriveRequest {
	const request = listRecords('100');
	return { ...request, query: [...(request.query ?? []), ['pageSize', '1']] };
}
