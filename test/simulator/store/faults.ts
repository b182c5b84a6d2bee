import type { StoreReply } from './replies';
import { accessDenied, storeError } from './replies';

/** How a connection ends, or doesn't. */
export type BreakOff = 'reset' | 'close' | 'stall';

/** What the object store does to a request instead of carrying it out as usual. */
export type StoreFault =
	/** Reads the body and answers with this, and does nothing else. */
	| { kind: 'answer'; reply: StoreReply }
	/** Breaks off after this many bytes of the part that arrives, or of the object that is sent. */
	| { kind: 'breakOff'; how: BreakOff; after: number }
	/** Carries the request out, then breaks off before a byte of the answer. */
	| { kind: 'noAnswer'; how: BreakOff }
	/** Answers that the part is stored, but forgets it. */
	| { kind: 'lose' }
	/** Inverts the byte at this position of the part before it is stored, or of the object as it is sent. */
	| { kind: 'corrupt'; position: number }
	/** Sends the object without this many bytes at its end, under a Content-Length that fits. */
	| { kind: 'shorten'; bytes: number }
	/** Sends the object compressed, whatever encoding the request accepts. */
	| { kind: 'gzip' }
	/** Waits this many milliseconds before it does anything. */
	| { kind: 'delay'; milliseconds: number };

const CODES: Record<number, string> = {
	400: 'InvalidRequest',
	403: 'AccessDenied',
	404: 'NoSuchKey',
	408: 'RequestTimeout',
	429: 'TooManyRequests',
	503: 'SlowDown',
};

/** Faults of the object store, by the names that tests call them. */
export const storeFaults = {
	status: (status: number, headers: Record<string, string> = {}): StoreFault => ({
		kind: 'answer',
		reply: storeError(status, CODES[status] ?? 'InternalError', `Status ${status}`, headers),
	}),
	error: (status: number, code: string, message: string): StoreFault => ({
		kind: 'answer',
		reply: storeError(status, code, message),
	}),
	redirect: (location: string): StoreFault => ({
		kind: 'answer',
		reply: storeError(307, 'TemporaryRedirect', 'Redirect', { Location: location }),
	}),
	expired: (): StoreFault => ({ kind: 'answer', reply: accessDenied('Request has expired') }),
	reset: (after = 0): StoreFault => ({ kind: 'breakOff', how: 'reset', after }),
	close: (after = 0): StoreFault => ({ kind: 'breakOff', how: 'close', after }),
	stall: (after = 0): StoreFault => ({ kind: 'breakOff', how: 'stall', after }),
	noAnswer: (how: BreakOff = 'reset'): StoreFault => ({ kind: 'noAnswer', how }),
	lose: (): StoreFault => ({ kind: 'lose' }),
	corrupt: (position = 0): StoreFault => ({ kind: 'corrupt', position }),
	shorten: (bytes = 1): StoreFault => ({ kind: 'shorten', bytes }),
	gzip: (): StoreFault => ({ kind: 'gzip' }),
	delay: (milliseconds: number): StoreFault => ({ kind: 'delay', milliseconds }),
};
