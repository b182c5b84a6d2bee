import type { IDataObject } from 'n8n-workflow';

import type { Authentication } from '../../../credentials/authentication/authorization';
import type { Failure } from '../failures/failure';
import { quote } from '../failures/quote';
import type { ReasonName } from '../failures/reasons';
import type { Redact } from '../failures/redact';
import { redactJson } from '../failures/redact';
import type { AnswerBody, BodyText } from './body';
import { parseHttpDate } from './httpDate';
import { isJsonObject, jsonOf } from './parseJson';
import type { CallResult } from './result';
import { failed } from './result';

/** What it takes to judge an answer. */
export interface Judge {
	authentication: Authentication;
	/** Takes the credential's secrets out of what the answer repeats. */
	redact: Redact;
}

/** An HTTP answer whose body has not been read. */
export interface HttpAnswer {
	statusCode: number;
	headers: IDataObject;
	body: AnswerBody;
}

/** What KooDrive's business codes mean. Source: KooDrive API Reference, "Error Codes". */
const CODE_REASONS = new Map<Failure['code'], ReasonName>([
	[13000102, 'parameterRefused'],
	[13000301, 'spaceUnavailable'],
	[13000309, 'resourceMissing'],
	[13000311, 'spaceFull'],
	[13000410, 'notAllowed'],
	[13000412, 'spaceUnavailable'],
]);

/**
 * Statuses that another try can cure, whatever the body says. Source: RFC 9110, section 15; RFC 8470, section
 * 5.2 (425); RFC 4918, section 11.5 (507). Those from 520 on are not registered; gateways send them.
 */
const PASSING_STATUS_REASONS = new Map<number, ReasonName>([
	[408, 'serverFailed'],
	[425, 'unavailable'],
	[429, 'tooManyRequests'],
	[500, 'serverFailed'],
	[502, 'gatewayFailed'],
	[503, 'unavailable'],
	[504, 'gatewayFailed'],
	[507, 'unavailable'],
	...Array.from({ length: 11 }, (_, index): [number, ReasonName] => [520 + index, 'gatewayFailed']),
]);

/** What other statuses mean where the body says no more. Source: KooDrive API Reference, "Status Codes". */
const STATUS_REASONS = new Map<number, ReasonName | 'credentialRefused'>([
	[400, 'badRequest'],
	[401, 'credentialRefused'],
	[403, 'notAllowed'],
	[404, 'pathMissing'],
]);

// Long enough for every sentence of KooDrive's, too short for a whole page.
const LONGEST_QUOTE = 300;

/**
 * Judges an answer: whether it is KooDrive's at all, and whether the call was carried out. That is so only
 * where the status is 2xx and the body a JSON object with the integer `code` 0.
 *
 * @param answer the HTTP answer
 * @param body what was read of its body
 * @param judge how the request was authenticated, and what else it takes
 * @returns the answer, or why it is none
 * Source: KooDrive API Reference, "Status Codes" and "Error Codes". That a lock which no longer exists is
 * told by code 13000309 is assumed: no code is published for backup locks.
 */
export function judgeAnswer(
	{ statusCode: httpCode, headers }: HttpAnswer,
	{ text, isTooLong }: BodyText,
	{ authentication, redact }: Judge,
): CallResult {
	const body = parseObject(text, redact);
	const isSuccess = httpCode >= 200 && httpCode < 300;
	if (body !== undefined && isSuccess && body.code === 0) {
		return { ok: true, answer: { body, date: headers.date } };
	}

	const known: Omit<Failure, 'reason'> = {
		httpCode,
		serverTime: parseHttpDate(headers.date),
		retryAfter: headers['retry-after'],
		...ownWords(body),
	};
	const passing = PASSING_STATUS_REASONS.get(httpCode);
	if (passing !== undefined) return failed(passing, known);
	if (httpCode >= 300 && httpCode < 400) return failed('redirected', known);
	if (httpCode === 407) return failed('proxyRefused', known);
	if (isWebPage(text)) return failed('notKooDrive', { ...known, detail: kindOf(text) });
	if (!isSuccess || known.code !== undefined) {
		const reason = refusal(known);
		return failed(reason === 'credentialRefused' ? REFUSED[authentication] : reason, known);
	}
	if (isTooLong) return failed('answerTooLong', known);
	if (isCutShort(text)) return failed('answerCutShort', known);
	return failed('notKooDrive', { ...known, detail: kindOf(text) });
}

/**
 * Tells whether KooDrive itself said why it refused a call.
 *
 * @param failure what is known of the call
 * @returns whether its code is one that the API Reference explains
 * Source: KooDrive API Reference, "Error Codes".
 */
export function namesItsReason({ code }: Failure): boolean {
	return CODE_REASONS.has(code);
}

function parseObject(text: string, redact: Redact): IDataObject | undefined {
	const parsed = jsonOf(text);
	return isJsonObject(parsed) ? (redactJson(parsed, redact) as IDataObject) : undefined;
}

function ownWords(body: IDataObject | undefined): Pick<Failure, 'code' | 'msg'> {
	if (body === undefined) return {};
	if (typeof body.error_code === 'string') {
		return { code: quote(body.error_code, LONGEST_QUOTE), msg: quoted(body.error_msg) };
	}
	const code = integerOf(body.code);
	return code === undefined ? {} : { code, msg: quoted(body.msg) };
}

/** KooDrive's codes are integers. An error's is understood as text, too: its reason must not get lost. */
function integerOf(code: unknown): number | undefined {
	if (typeof code === 'string' && /^[1-9]\d{0,14}$/.test(code)) return Number(code);
	return Number.isInteger(code) ? (code as number) : undefined;
}

function quoted(words: unknown): string | undefined {
	return typeof words === 'string' ? quote(words, LONGEST_QUOTE) || undefined : undefined;
}

const REFUSED: Record<Authentication, ReasonName> = {
	accessToken: 'tokenRefused',
	app: 'signatureRefused',
};

function refusal({
	code = 0,
	httpCode = 0,
}: Omit<Failure, 'reason'>): ReasonName | 'credentialRefused' {
	const byStatus = STATUS_REASONS.get(httpCode) ?? 'refused';
	if (typeof code === 'string') return [401, 404].includes(httpCode) ? byStatus : 'gatewayRefused';
	const byCode = CODE_REASONS.get(code);
	if (byCode !== undefined) return byCode;
	// A 400 with a code of its own is a business error; without one it may be a wrong credential.
	return httpCode === 400 && code !== 0 ? 'refused' : byStatus;
}

function isWebPage(text: string): boolean {
	return text.trimStart().startsWith('<');
}

function isCutShort(text: string): boolean {
	const trimmed = text.trim();
	return trimmed === '' || (trimmed.startsWith('{') && jsonOf(trimmed) === undefined);
}

function kindOf(text: string): string {
	if (isWebPage(text)) return 'a web page instead of JSON';
	const start = text.trimStart().slice(0, 1);
	if (start === '[') return 'a JSON list instead of an object';
	return start === '{' ? 'JSON without an integer "code"' : 'not a JSON object';
}
