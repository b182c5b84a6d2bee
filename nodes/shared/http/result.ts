import type { IDataObject } from 'n8n-workflow';

import type { Failure } from '../errors/failure';
import type { ReasonName } from '../errors/reasons';

/** What came of one attempt. */
export type AttemptResult =
	| {
			ok: true;
			/** The whole JSON object of KooDrive's response, with a `code` of 0. */
			body: IDataObject;
			/** The response's Date header, as it came: most responses are never asked for their time. */
			date?: unknown;
	  }
	| { ok: false; failure: Failure };

/** @returns a failed attempt */
export function failed(
	reason: ReasonName,
	known: Omit<Failure, 'reason'> = {},
): Extract<AttemptResult, { ok: false }> {
	return { ok: false, failure: { reason, ...known } };
}
