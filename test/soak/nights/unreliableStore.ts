import type { Fault, RecordedRequest } from '../../simulator';
import { faults } from '../../simulator';
import type { ObjectStore } from '../../simulator/objectStore';

const FAULTS: ReadonlyArray<[string, () => Fault]> = [
	['reset before the first byte', () => faults.reset()],
	['reset in the middle', () => faults.reset(1_000)],
	['closed in the middle', () => faults.close(1_000)],
	['reset instead of a response', () => faults.noResponse('reset')],
	['closed instead of a response', () => faults.noResponse('close')],
	['HTTP 408', () => faults.status(408)],
	['HTTP 429 with Retry-After', () => faults.status(429, { 'Retry-After': '2' })],
	['HTTP 500', () => faults.status(500)],
	['HTTP 503', () => faults.status(503)],
	['link rejected as expired', () => faults.expired()],
	['changed byte in a download', () => faults.corrupt()],
];

/** These take minutes, until the client gives up. */
const STALLS: typeof FAULTS = [
	['stall before the first byte', () => faults.stall()],
	['stall in the middle', () => faults.stall(1_000)],
	['forgotten instead of a response', () => faults.noResponse('stall')],
];

const OUTAGES = [
	'restarts',
	'resets every connection',
	'responds with HTTP 503',
	'never responds',
] as const;

/** The longest that the store never responds: with the time until clients give up, it's the longest outage. */
const LONGEST_STALL = 30_000;

/** The share of the requests that fail. */
const FAULT_RATE = 0.1;

/** A simulated object store that fails at random, in ways that a transfer survives. */
export class UnreliableStore {
	private outage: (typeof OUTAGES)[number] | undefined;

	/** Whether connections stall or are forgotten, too. */
	isLossy = false;

	/** How often a fault that isn't repeated without end has occurred, by what it's about. */
	private readonly limited = new Map<string, number>();

	/** Requests that no fault was chosen for. */
	private undisturbed: RecordedRequest[] = [];

	/** @param count counts something that occurred */
	constructor(
		private readonly store: ObjectStore,
		private readonly random: () => number,
		private readonly count: (what: string) => void,
	) {
		store.keepsRequests = false;
		store.faultFor = (request) => this.nextFault(request);
	}

	/** Makes the store unavailable. */
	async goDown(wait: (milliseconds: number) => Promise<void>, milliseconds: number): Promise<void> {
		const mostKinds = milliseconds > LONGEST_STALL ? OUTAGES.length - 1 : OUTAGES.length;
		const outage = OUTAGES[Math.floor(this.random() * mostKinds)]!;
		this.count(`outage: the store ${outage}`);
		if (outage === 'restarts') {
			await this.store.restart(async () => await wait(milliseconds));
			return;
		}
		this.outage = outage;
		await wait(milliseconds);
		this.outage = undefined;
	}

	/** Counts the links that had expired since the last time. */
	countExpiredLinks(): void {
		for (const { status } of this.undisturbed) {
			if (status === 403) this.count('links of the store that had expired');
		}
		this.undisturbed = [];
	}

	private nextFault(request: RecordedRequest): Fault | undefined {
		const fault = this.drawFault(request);
		if (fault === undefined) this.undisturbed.push(request);
		return fault;
	}

	private drawFault(request: RecordedRequest): Fault | undefined {
		if (this.outage === 'resets every connection') return faults.reset();
		if (this.outage === 'responds with HTTP 503') return faults.status(503);
		if (this.outage === 'never responds') return faults.noResponse('stall');
		if (this.random() >= FAULT_RATE) return undefined;
		const possible = this.isLossy ? [...FAULTS, ...STALLS] : FAULTS;
		const [name, fault] = possible[Math.floor(this.random() * possible.length)]!;
		const chosen = fault();
		if (!this.isSurvivable(request, chosen, name)) return undefined;
		this.count(`fault of the store: ${name}`);
		return chosen;
	}

	/**
	 * An upload that arrives changed, a link whose second replacement is rejected, too, and a second bad download are
	 * final; a link may also expire by itself. A part that stalls again and again takes longer than the outages that a
	 * transfer survives.
	 */
	private isSurvivable(
		{ method, target }: RecordedRequest,
		{ corrupt }: Fault,
		name: string,
	): boolean {
		if (corrupt !== undefined && method === 'PUT') return false;
		const isStall = STALLS.some(([stall]) => stall === name);
		const isLink = name.startsWith('link');
		if (corrupt === undefined && !isLink && !isStall) return true;
		const about = `${isStall ? 'stall' : name} ${target.replace(/X-Amz-(Date|Signature)=[^&]*/g, '')}`;
		const times = (this.limited.get(about) ?? 0) + 1;
		if (times > 1) return false;
		this.limited.set(about, times);
		return true;
	}
}
