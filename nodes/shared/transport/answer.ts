import type { IDataObject } from 'n8n-workflow';

import { parseHttpDate, parseRetryAfter } from './httpDate';
import type { ReasonName } from '../failures/reasons';
import type { Redact } from '../failures/redact';
import type { CallResult, Failure } from './result';
import { failed } from './result';

/** How the request was authenticated: the values of the credential's Authentication field. */
export type Authentication = 'accessToken' | 'app';

/** What it takes to judge an answer. */
export interface Judge {
	authentication: Authentication;
	/** Takes the credential's secrets out of what the answer repeats. */
	redact: Redact;
	/** Milliseconds since the Unix epoch, for a Retry-After date where there is no Date header. */
	now: number;
}

/** An HTTP answer whose body was left as text. */
export interface HttpAnswer {
	statusCode: number;
	headers: IDataObject;
	body: unknown;
}

/** What KooDrive's business codes mean. Source: KooDrive API Reference, "Error Codes". */
const CODE_REASONS: Record<number, ReasonName> = {
	13000102: 'parameterRefused',
	13000301: 'spaceUnavailable',
	13000309: 'resourceMissing',
	13000311: 'spaceFull',
	13000410: 'notAllowed',
	13000412: 'spaceUnavailable',
};

/** Statuses that another try can cure, whatever the body says. Source: RFC 9110, section 15. */
const PASSING_STATUS_REASONS: Record<number, ReasonName> = {
	408: 'serverFailed',
	429: 'tooManyRequests',
	500: 'serverFailed',
	502: 'serverFailed',
	503: 'unavailable',
	504: 'serverFailed',
};

/** What other statuses mean where the body says no more. Source: KooDrive API Reference, "Status Codes". */
const STATUS_REASONS: Record<number, ReasonName | 'credentialRefused'> = {
	400: 'badRequest',
	401: 'credentialRefused',
	403: 'notAllowed',
	404: 'pathMissing',
};

// Long enough for every sentence of KooDrive's, too short for a whole page.
const LONGEST_QUOTE = 300;

/**
 * Judges an answer: whether it is KooDrive's at all, and whether the call was carried out. That is so only
 * where the status is 2xx and the body a JSON object with the integer `code` 0.
 *
 * @param answer the HTTP answer
 * @param judge how the request was authenticated, and what else it takes
 * @returns the answer, or why it is none
 * Source: KooDrive API Reference, "Status Codes" and "Error Codes". That a lock which no longer exists is
 * told by code 13000309 is assumed: no code is published for backup locks.
 */
export function judgeAnswer(answer: HttpAnswer, judge: Judge): CallResult {
	const { statusCode: httpCode, headers } = answer;
	const text = typeof answer.body === 'string' ? answer.body : '';
	const body = parseObject(text, judge.redact);
	const isSuccess = httpCode >= 200 && httpCode < 300;
	if (body !== undefined && isSuccess && body.code === 0) {
		return { ok: true, answer: { body, date: headers.date } };
	}

	const serverTime = parseHttpDate(headers.date);
	const known: Omit<Failure, 'reason'> = {
		httpCode,
		serverTime,
		retryAfter: parseRetryAfter(headers['retry-after'], serverTime ?? judge.now),
		...ownWords(body),
	};

	const passing = PASSING_STATUS_REASONS[httpCode];
	if (passing !== undefined) return failed(passing, known);
	if (httpCode >= 300 && httpCode < 400) return failed('redirected', known);
	if (!isSuccess || known.code !== undefined) {
		const reason = refusal(known);
		return failed(reason === 'credentialRefused' ? REFUSED[judge.authentication] : reason, known);
	}
	if (isCutShort(text)) return failed('answerCutShort', known);
	return failed('notKooDrive', { ...known, detail: kindOf(text) });
}

function parseObject(text: string, redact: Redact): IDataObject | undefined {
	try {
		const parsed: unknown = JSON.parse(text, (_key, value: unknown) =>
			typeof value === 'string' ? redact(value) : value,
		);
		const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
		return isObject ? (parsed as IDataObject) : undefined;
	} catch {
		return undefined;
	}
}

function ownWords(body: IDataObject | undefined): Pick<Failure, 'code' | 'msg'> {
	if (body === undefined) return {};
	if (typeof body.error_code === 'string') {
		return { code: quote(body.error_code), msg: quote(body.error_msg) };
	}
	return Number.isInteger(body.code) ? { code: body.code as number, msg: quote(body.msg) } : {};
}

function quote(words: unknown): string | undefined {
	if (typeof words !== 'string' || words === '') return undefined;
	return words.length > LONGEST_QUOTE ? `${words.slice(0, LONGEST_QUOTE)}…` : words;
}

const REFUSED: Record<Authentication, ReasonName> = {
	accessToken: 'tokenRefused',
	app: 'signatureRefused',
};

function refusal({
	code = 0,
	httpCode = 0,
}: Omit<Failure, 'reason'>): ReasonName | 'credentialRefused' {
	if (typeof code === 'string') {
		return [401, 404].includes(httpCode) ? STATUS_REASONS[httpCode]! : 'gatewayRefused';
	}
	const byCode = CODE_REASONS[code];
	if (byCode !== undefined) return byCode;
	// A 400 with a code of its own is a business error; without one it may be a wrong credential.
	const isBusinessError = httpCode === 400 && code !== 0;
	return isBusinessError ? 'refused' : (STATUS_REASONS[httpCode] ?? 'refused');
}

function isCutShort(text: string): boolean {
	const trimmed = text.trim();
	if (trimmed === '') return true;
	if (!trimmed.startsWith('{')) return false;
	try {
		JSON.parse(trimmed);
		return false;
	} catch {
		return true;
	}
}

function kindOf(text: string): string {
	const start = text.trim().slice(0, 1);
	if (start === '<') return 'a web page instead of JSON';
	if (start === '[') return 'a JSON list instead of an object';
	return start === '{' ? 'JSON without an integer "code"' : 'not a JSON object';
}
