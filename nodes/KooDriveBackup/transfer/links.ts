import { RequestFailedError, settle } from '../../shared/errors/failure';
import type { Clock } from '../../shared/http/clock';
import { parseHttpDate } from '../../shared/http/httpDate';
import { getBackoff } from '../../shared/http/retry';
import type { Transfer } from './transfer';

/** A link is renewed when so many milliseconds are left, or half of its life where that is shorter. */
const RENEW_BEFORE = 300_000;

/** What a link lives that doesn't say so, in milliseconds: as in the printed example. */
const USUAL_LIFE = 3_600_000;

/** How often a link is asked for that a successful response doesn't contain. */
const MAX_REQUESTS = 2;

/** A pre-signed link of the object store. */
interface Link {
	url: string;
	/** When it should be renewed, by the monotonic clock, in milliseconds. */
	renewAt: number;
}

/** What KooDrive returned to a request for links. */
export interface ReceivedLinks<Key> {
	/** The links, and why there is none. */
	links: ReadonlyMap<Key, string | RequestFailedError>;
	/** The response's Date header. */
	date: unknown;
}

/** Asks KooDrive for links. */
export type AskForLinks<Key> = (keys: Key[], transfer: Transfer) => Promise<ReceivedLinks<Key>>;

/**
 * Links to the parts of an upload, by part number, or to files, by their ID. They're asked for some at a time, because
 * they expire while parts and files wait for their turn; files that are downloaded in parallel share the requests.
 */
export class Links<Key> {
	private readonly links = new Map<Key, Link>();

	/** The requests in flight, by what they ask for. */
	private readonly asked = new Map<Key, Promise<unknown>>();

	private readonly done = new Set<Key>();

	private readonly positions: ReadonlyMap<Key, number>;

	/** @param keys in the order in which they're needed */
	constructor(
		private readonly keys: readonly Key[],
		private readonly ask: AskForLinks<Key>,
		private readonly clock: Pick<Clock, 'now' | 'monotonic'>,
	) {
		this.positions = new Map(keys.map((key, position) => [key, position]));
	}

	/**
	 * @param isExpired whether the last link was rejected, whatever its life
	 * @returns a link that lives for some more minutes, or is new
	 * @throws RequestFailedError when KooDrive returns none
	 */
	async get(key: Key, transfer: Transfer, isExpired: boolean): Promise<string> {
		if (isExpired) return await this.renew(key, transfer);
		// If that fails, this one asks for itself.
		await this.asked.get(key)?.catch(() => undefined);
		const known = this.links.get(key);
		const isFresh = known !== undefined && this.clock.monotonic() < known.renewAt;
		return isFresh ? known.url : await this.renew(key, transfer);
	}

	add(received: ReceivedLinks<Key>): ReceivedLinks<Key> {
		for (const [key, link] of received.links) {
			if (typeof link === 'string') this.links.set(key, toLink(link, received.date, this.clock));
		}
		return received;
	}

	/** Forgets the link to what was transferred. */
	drop(key: Key): void {
		this.links.delete(key);
		this.done.add(key);
	}

	private async renew(key: Key, transfer: Transfer, requests = 1): Promise<string> {
		const { shared } = transfer;
		const size = shared.linksPerRequest;
		const position = this.positions.get(key)!;
		// Whichever of them comes first, the same ones are asked for together.
		const first = position - (position % size);
		const keys = this.keys.slice(first, first + size).filter((each) => !this.done.has(each));
		// Added before those that wait for it go on.
		const asked = this.ask(keys, transfer).then((received) => this.add(received));
		for (const each of keys) this.asked.set(each, asked);
		const received = await settle(asked);
		for (const each of keys) if (this.asked.get(each) === asked) this.asked.delete(each);
		if (!(received instanceof RequestFailedError)) {
			const link = received.links.get(key);
			if (typeof link === 'string') return link;
			const error =
				link ?? new RequestFailedError({ reason: 'responseIncomplete', detail: 'no link' });
			if (requests === MAX_REQUESTS || error.failure.reason === 'notFound') throw error;
			await transfer.sleep(getBackoff(requests, transfer.clock));
			return await this.renew(key, transfer, requests + 1);
		}
		const { reason } = received.failure;
		if (keys.length === 1 || reason !== 'parameterRejected') throw received;
		// How many links one request may ask for isn't documented.
		shared.linksPerRequest = 1;
		return await this.renew(key, transfer, requests);
	}
}

/**
 * @param date of the response that contained the link: an expiry is by the server's clock
 * Source: AWS Signature Version 4, query parameter `X-Amz-Expires`, in seconds; version 2, `Expires`, in seconds since
 * the Unix epoch.
 */
function toLink(url: string, date: unknown, clock: Pick<Clock, 'now' | 'monotonic'>): Link {
	const seconds = /[?&]X-Amz-Expires=(\d+)/i.exec(url)?.[1];
	const expiry = /[?&]Expires=(\d+)/i.exec(url)?.[1];
	const now = parseHttpDate(date) ?? clock.now();
	const untilExpiry = expiry === undefined ? USUAL_LIFE : 1_000 * Number(expiry) - now;
	const life = seconds === undefined ? untilExpiry : 1_000 * Number(seconds);
	return { url, renewAt: clock.monotonic() + life - Math.min(RENEW_BEFORE, life / 2) };
}
