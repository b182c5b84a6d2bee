import type { IDataObject } from 'n8n-workflow';

import type { Authentication } from '../../../credentials/authentication/authorization';
import type { Failure } from '../errors/failure';
import type { ReasonName } from '../errors/reasons';
import type { Redact } from '../errors/redact';
import { quoteResponse, redactJson } from '../errors/redact';
import { parseHttpDate } from './httpDate';
import { isJsonObject, tryParseJson } from './json';
import type { AttemptResult, KooDriveRequest } from './request';
import type { BodyText, ResponseBody } from './responseBody';
import { failed } from './request';

/** What it takes to understand a response. */
export interface ResponseReader {
	authentication: Authentication;
	/** Removes the credential's secrets from what the response repeats. */
	redact: Redact;
}

/** An HTTP response whose body has not been read. */
export interface HttpResponse {
	statusCode: number;
	headers: IDataObject;
	body: ResponseBody;
}

/** What KooDrive's business codes mean. Source: KooDrive API Reference, "Error Codes". */
export const BUSINESS_CODE_REASONS = new Map<Failure['code'], ReasonName>([
	[13000102, 'parameterRejected'],
	[13000301, 'spaceUnavailable'],
	[13000309, 'notFound'],
	[13000311, 'outOfSpace'],
	[13000410, 'forbidden'],
	[13000412, 'spaceUnavailable'],
	[13000401, 'uploadNotFound'],
	[13000402, 'checksumMismatch'],
	[13000403, 'stateNotChanged'],
	[13000405, 'duplicateFileName'],
	[13000407, 'transferRejected'],
	[13000408, 'transferRejected'],
	[13000409, 'transferRejected'],
	[13000417, 'fileNameRejected'],
	[13000419, 'fileNameRejected'],
]);

/**
 * Statuses of transient errors, whatever the body says. Source: RFC 9110, section 15; RFC 8470, section 5.2
 * (425); RFC 4918, section 11.5 (507). Those from 520 on aren't registered; gateways send them.
 */
export const TRANSIENT_STATUS_REASONS = new Map<number, ReasonName>([
	[408, 'serverError'],
	[425, 'unavailable'],
	[429, 'rateLimited'],
	[500, 'serverError'],
	[502, 'badGateway'],
	[503, 'unavailable'],
	[504, 'badGateway'],
	[507, 'unavailable'],
	...Array.from({ length: 11 }, (_, index): [number, ReasonName] => [520 + index, 'badGateway']),
]);

/** What other statuses mean where the body says no more. Source: KooDrive API Reference, "Status Codes". */
export const STATUS_REASONS = new Map<number, ReasonName | 'credentialRejected'>([
	[400, 'badRequest'],
	[401, 'credentialRejected'],
	[403, 'forbidden'],
	[404, 'pathNotFound'],
]);

/**
 * Reads a response: whether it's KooDrive's at all, and whether the request was carried out. That is so only
 * where the status is 2xx and the body a JSON object with the integer `code` 0.
 *
 * Source: KooDrive API Reference, "Status Codes" and "Error Codes". That code 13000309 means a lock which no
 * longer exists is assumed: no code is published for backup locks.
 */
export function readResponse(
	{ statusCode: httpCode, headers }: HttpResponse,
	{ text, isTooLong }: BodyText,
	{ authentication, redact }: ResponseReader,
	{ codeMayBeText = false, linkMember }: Pick<KooDriveRequest, 'codeMayBeText' | 'linkMember'> = {},
): AttemptResult {
	const body = parseObject(text, redact, linkMember);
	const isSuccess = httpCode >= 200 && httpCode < 300;
	if (body !== undefined && isSuccess && isSuccessCode(body.code, codeMayBeText)) {
		return { ok: true, body, date: headers.date };
	}

	const known: Omit<Failure, 'reason'> = {
		httpCode,
		serverTime: parseHttpDate(headers.date),
		retryAfter: headers['retry-after'],
		...readCode(body, redact),
	};
	const transient = TRANSIENT_STATUS_REASONS.get(httpCode);
	if (transient !== undefined) return failed(transient, known);
	if (httpCode >= 300 && httpCode < 400) return failed('redirected', known);
	if (httpCode === 407) return failed('proxyRejected', known);
	if (isWebPage(text)) return failed('notKooDrive', { ...known, detail: describeKind(text) });
	if (!isSuccess || known.code !== undefined) {
		const reason = explainRejection(known);
		return failed(
			reason === 'credentialRejected' ? CREDENTIAL_REJECTED[authentication] : reason,
			known,
		);
	}
	if (isTooLong) return failed('responseTooLarge', known);
	if (isCutShort(text)) return failed('responseTruncated', known);
	return failed('notKooDrive', { ...known, detail: describeKind(text) });
}

/** The API Reference declares the `code` of responses about files as a string, and shows it as a number. */
function isSuccessCode(code: unknown, codeMayBeText: boolean): boolean {
	return code === 0 || (codeMayBeText && code === '0');
}

/**
 * @returns whether KooDrive itself said why it rejected a request: its code is one that the API Reference
 * explains
 * Source: KooDrive API Reference, "Error Codes".
 */
export function namesItsReason({ code }: Failure): boolean {
	return BUSINESS_CODE_REASONS.has(code);
}

function parseObject(
	text: string,
	redact: Redact,
	linkMember: string | undefined,
): IDataObject | undefined {
	const parsed = tryParseJson(text);
	return isJsonObject(parsed) ? (redactJson(parsed, redact, linkMember) as IDataObject) : undefined;
}

function readCode(body: IDataObject | undefined, redact: Redact): Pick<Failure, 'code' | 'msg'> {
	if (body === undefined) return {};
	const errorCode = quoteResponse(body.error_code, redact);
	if (errorCode !== undefined)
		return { code: errorCode, msg: quoteResponse(body.error_msg, redact) };
	const code = toInteger(body.code);
	return code === undefined ? {} : { code, msg: quoteResponse(body.msg, redact) };
}

/** KooDrive's codes are integers. An error's code is understood as text too, so that its reason isn't lost. */
function toInteger(code: unknown): number | undefined {
	if (typeof code === 'string' && /^[1-9]\d{0,14}$/.test(code)) return Number(code);
	return Number.isSafeInteger(code) ? (code as number) : undefined;
}

const CREDENTIAL_REJECTED: Record<Authentication, ReasonName> = {
	accessToken: 'tokenRejected',
	app: 'signatureRejected',
};

function explainRejection({
	code = 0,
	httpCode = 0,
}: Omit<Failure, 'reason'>): ReasonName | 'credentialRejected' {
	const byStatus = STATUS_REASONS.get(httpCode) ?? 'rejected';
	if (typeof code === 'string') return [401, 404].includes(httpCode) ? byStatus : 'gatewayRejected';
	const byCode = BUSINESS_CODE_REASONS.get(code);
	if (byCode !== undefined) return byCode;
	// A 400 with KooDrive's own code is a business error; without one, the credential may be invalid.
	return httpCode === 400 && code !== 0 ? 'rejected' : byStatus;
}

function isWebPage(text: string): boolean {
	return text.trimStart().startsWith('<');
}

function isCutShort(text: string): boolean {
	const trimmed = text.trim();
	return trimmed === '' || (trimmed.startsWith('{') && tryParseJson(trimmed) === undefined);
}

function describeKind(text: string): string {
	if (isWebPage(text)) return 'a web page instead of JSON';
	const start = text.trimStart().slice(0, 1);
	if (start === '[') return 'a JSON list instead of an object';
	return start === '{' ? 'JSON without an integer "code"' : 'not a JSON object';
}
