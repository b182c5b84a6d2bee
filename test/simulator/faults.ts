import type { IncomingHttpHeaders } from 'node:http';

/** How a connection ends; with `stall` and `silence`, it stays open, and nothing is sent or read any longer. */
export type HowItEnds =
	| 'reset'
	| 'close'
	/** The fake clock goes on meanwhile, as if time passed. */
	| 'stall'
	/** The fake clock waits, so that a timeout passes for real. */
	| 'silence';

export interface Cut {
	how: HowItEnds;
	/** Bytes of the body after which it happens; of a response, 0 means before its status. */
	after: number;
}

/** What a service does to a request in place of serving it as usual. Effects can be combined. */
export interface Fault {
	/** Reads the request and responds with this, and does nothing else; without a body, with what fits the status. */
	respond?: { status: number; headers?: Record<string, string | string[]>; body?: string };
	/** Rejects the request, and repeats its Authorization header. */
	echo?: { status: number };
	/** Breaks off in the body: of the request if it has one, so that nothing is carried out, otherwise of the response. */
	cut?: Cut;
	/** Carries the request out, and breaks off in the response. */
	lost?: Cut;
	/** Carries the request out, and lets this many milliseconds of real time pass before the response. */
	delay?: number;
	/** Sends the response a byte at a time, this many milliseconds of real time apart. */
	drip?: number;
	/** Milliseconds by which the Date header is off; `null` leaves it out. */
	date?: number | null;
	/** Headers of the response that are replaced; `undefined` leaves one out. */
	headers?: Record<string, string | undefined>;
	/** Changes the JSON of a response. */
	change?: (body: Record<string, unknown>) => unknown;
	/** Responds that the part is stored, but forgets it. */
	lose?: true;
	/** Inverts the byte at this position of the part before it's stored, or of the body that is sent. */
	corrupt?: number;
	/** Sends this many bytes more of an object than it has, or fewer, under a Content-Length that fits. */
	resize?: number;
	/** Sends an object compressed, whatever encoding the request accepts. */
	gzip?: true;
	/** Sends the whole object in place of the range that the request asks for. */
	ignoreRange?: true;
}

const json = { 'Content-Type': 'application/json' };
const xml = { 'Content-Type': 'application/xml' };

type Fields = Record<string, unknown>;

/** Faults, by the names that tests call them. */
export const faults = {
	status: (status: number, headers: Record<string, string> = {}): Fault => ({
		respond: { status, headers },
	}),
	code: (code: number, msg: string, status = 200): Fault => ({
		respond: { status, headers: json, body: JSON.stringify({ code, msg }) },
	}),
	gateway: (status: number, error_code: string, error_msg: string): Fault => ({
		respond: {
			status,
			headers: json,
			body: JSON.stringify({ error_code, error_msg, request_id: '5d3d1c2e' }),
		},
	}),
	body: (body: string, status = 200, contentType = 'application/json'): Fault => ({
		respond: { status, headers: { 'Content-Type': contentType }, body },
	}),
	html: (status = 200): Fault =>
		faults.body('<!doctype html><title>Sign in</title>', status, 'text/html'),
	empty: (): Fault => faults.body(''),
	redirect: (location: string, status = 302): Fault => ({
		respond: { status, headers: { Location: location }, body: '' },
	}),
	echo: (status = 401): Fault => ({ echo: { status } }),

	/** An error of the object store, under any status. */
	storeError: (status: number, code: string, message = code): Fault => ({
		respond: { status, headers: xml, body: toXml(code, message) },
	}),
	expired: (): Fault => faults.storeError(403, 'AccessDenied', 'Request has expired'),

	reset: (after = 0): Fault => ({ cut: { how: 'reset', after } }),
	close: (after = 0): Fault => ({ cut: { how: 'close', after } }),
	stall: (after = 0): Fault => ({ cut: { how: 'stall', after } }),
	resetBefore: (): Fault => faults.reset(),
	resetDuring: (): Fault => ({ lost: { how: 'reset', after: 5 } }),
	cutOff: (): Fault => ({ lost: { how: 'close', after: 5 } }),
	silence: (): Fault => ({ lost: { how: 'silence', after: 0 } }),
	/** Carries the request out without a byte of a response. */
	noResponse: (how: HowItEnds = 'reset'): Fault => ({ lost: { how, after: 0 } }),
	delay: (milliseconds: number): Fault => ({ delay: milliseconds }),
	drip: (pause: number): Fault => ({ drip: pause }),

	skewedDate: (milliseconds: number): Fault => ({ date: milliseconds }),
	noDate: (): Fault => ({ date: null }),
	headers: (headers: Record<string, string | undefined>): Fault => ({ headers }),
	/** Lies about the range that it sends, such as `bytes 0-9/20`. */
	contentRange: (range: string): Fault => ({ headers: { 'Content-Range': range } }),

	lose: (): Fault => ({ lose: true }),
	corrupt: (position = 0): Fault => ({ corrupt: position }),
	shorten: (bytes = 1): Fault => ({ resize: -bytes }),
	lengthen: (bytes = 1): Fault => ({ resize: bytes }),
	gzip: (): Fault => ({ gzip: true }),
	ignoreRange: (): Fault => ({ ignoreRange: true }),

	change: (change: (body: Fields) => unknown): Fault => ({ change }),
	/** Changes the resource under `data`, or each entry of the list there. */
	changeData: (change: (entry: Fields) => Fields): Fault => ({
		change: ({ data, ...body }) => ({
			...body,
			data: Array.isArray(data) ? (data as Fields[]).map(change) : change(data as Fields),
		}),
	}),
	/** Writes all numbers of the response but `code` as text. */
	numbersAsText: (): Fault => ({
		change: (body) =>
			JSON.parse(JSON.stringify(body), (name, value: unknown) =>
				typeof value === 'number' && name !== 'code' ? String(value) : value,
			) as Fields,
	}),
	codeAsText: (): Fault => ({ change: (body) => ({ ...body, code: String(body.code) }) }),
	/** Leaves fields out of the resource, or of each entry of a list. */
	without: (...names: string[]): Fault =>
		faults.changeData((entry) =>
			Object.fromEntries(Object.entries(entry).filter(([name]) => !names.includes(name))),
		),
	/** Lists the first entry of the page once more, in place of the second. */
	repeatEntry: (): Fault => ({
		change: ({ data, ...body }) => {
			const [first, , ...others] = data as Fields[];
			return { ...body, data: [first, first, ...others] };
		},
	}),
	/** Says that a new file's content is stored already. */
	rapidUpload: (): Fault => ({ change: claimRapidUpload }),
	/** Replaces the origin of every link in the response, such as by `http://other-host`. */
	linkOrigin: (origin: string): Fault => ({ change: (body) => withLinkOrigin(body, origin) }),
	/** Lists the links in reverse order. */
	reverseLinks: (): Fault => ({
		change: (body) => ({ ...body, multiParts: [...(body.multiParts as unknown[])].reverse() }),
	}),
};

/** The object store's errors are XML. */
export function toXml(code: string, message: string): string {
	return (
		'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
		`<Error><Code>${code}</Code><Message>${message}</Message><RequestId>0000018A</RequestId></Error>`
	);
}

export function toEcho({ authorization }: IncomingHttpHeaders): object {
	return {
		error_code: 'APIG.0301',
		error_msg: `Unknown credential ${String(authorization)}`,
	};
}

function claimRapidUpload(answer: Fields): unknown {
	const claim = { rapidUpload: true, multiParts: [] };
	return typeof answer.data === 'object'
		? { ...answer, data: { ...answer.data, ...claim } }
		: { ...answer, ...claim };
}

function withLinkOrigin(answer: unknown, origin: string): unknown {
	const link = /"(uploadUrl|url)":"https?:\/\/[^/"]+/g;
	return JSON.parse(JSON.stringify(answer).replace(link, `"$1":"${origin}`));
}
