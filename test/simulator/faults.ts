/** What the simulator does to a request instead of answering it. */
export type Fault =
	/** Answers with this status, these headers and this body, and does nothing else. */
	| { kind: 'answer'; status: number; headers?: Record<string, string | string[]>; body?: string }
	/** Closes the connection hard, before a byte of the answer. */
	| { kind: 'resetBefore' }
	/** Carries the request out, then closes the connection hard in the middle of the answer. */
	| { kind: 'resetDuring' }
	/** Carries the request out and closes the connection before the promised length. */
	| { kind: 'cutOff' }
	/** Carries the request out and never answers. */
	| { kind: 'silence' }
	/** Carries the request out and sends the answer a byte at a time, this many milliseconds apart. */
	| { kind: 'drip'; pause: number }
	/** Answers after this many milliseconds. */
	| { kind: 'delay'; milliseconds: number }
	/** Answers as usual, but with a Date header that is this many milliseconds off. */
	| { kind: 'skewedDate'; milliseconds: number }
	/** Answers as usual, but without a Date header. */
	| { kind: 'noDate' }
	/** Carries the request out and answers with a changed body. */
	| { kind: 'change'; change: (answer: Record<string, unknown>) => unknown }
	/** Refuses, and repeats the Authorization header in its words. */
	| { kind: 'echo'; status: number };

const json = { 'Content-Type': 'application/json' };

/** Faults by the names that tests and the soak call them. */
export const faults = {
	status: (status: number, headers: Record<string, string> = {}): Fault => ({
		kind: 'answer',
		status,
		headers,
		body: '',
	}),
	code: (code: number, msg: string, status = 200): Fault => ({
		kind: 'answer',
		status,
		headers: json,
		body: JSON.stringify({ code, msg }),
	}),
	gateway: (status: number, error_code: string, error_msg: string): Fault => ({
		kind: 'answer',
		status,
		headers: json,
		body: JSON.stringify({ error_code, error_msg, request_id: '5d3d1c2e' }),
	}),
	body: (body: string, status = 200, contentType = 'application/json'): Fault => ({
		kind: 'answer',
		status,
		headers: { 'Content-Type': contentType },
		body,
	}),
	html: (status = 200): Fault => ({
		kind: 'answer',
		status,
		headers: { 'Content-Type': 'text/html' },
		body: '<!doctype html><title>Sign in</title>',
	}),
	empty: (): Fault => ({ kind: 'answer', status: 200, headers: json, body: '' }),
	redirect: (location: string, status = 302): Fault => ({
		kind: 'answer',
		status,
		headers: { Location: location },
		body: '',
	}),
	resetBefore: (): Fault => ({ kind: 'resetBefore' }),
	resetDuring: (): Fault => ({ kind: 'resetDuring' }),
	cutOff: (): Fault => ({ kind: 'cutOff' }),
	silence: (): Fault => ({ kind: 'silence' }),
	drip: (pause: number): Fault => ({ kind: 'drip', pause }),
	delay: (milliseconds: number): Fault => ({ kind: 'delay', milliseconds }),
	skewedDate: (milliseconds: number): Fault => ({ kind: 'skewedDate', milliseconds }),
	noDate: (): Fault => ({ kind: 'noDate' }),
	change: (change: (answer: Record<string, unknown>) => unknown): Fault => ({
		kind: 'change',
		change,
	}),
	/** Says that a new file's content is stored already. */
	rapidUpload: (): Fault => ({ kind: 'change', change: (answer) => claimRapidUpload(answer) }),
	/** Replaces the origin of every link in the answer, such as by `http://other-host`. */
	linkOrigin: (origin: string): Fault => ({
		kind: 'change',
		change: (answer) => withLinkOrigin(answer, origin),
	}),
	echo: (status = 401): Fault => ({ kind: 'echo', status }),
};

function claimRapidUpload(answer: Record<string, unknown>): unknown {
	const claim = { rapidUpload: true, multiParts: [] };
	return typeof answer.data === 'object'
		? { ...answer, data: { ...answer.data, ...claim } }
		: { ...answer, ...claim };
}

function withLinkOrigin(answer: unknown, origin: string): unknown {
	const link = /"(uploadUrl|url)":"https?:\/\/[^/"]+/g;
	return JSON.parse(JSON.stringify(answer).replace(link, `"$1":"${origin}`));
}
