import type { FakeClock } from '../../engine/fakeClock';
import type { Fault, RecordedRequest } from '../../simulator';
import { SECOND } from '../../time';
import type { UnreliableKooDrive } from '../unreliable';
import type { NightPlan, Outage } from './plan';
import type { UnreliableStore } from './unreliableStore';

const LOCK = '/koodrive/ose/v1/backup/lock';
const RECORD = '/koodrive/ose/v1/backup/record';
const RECORD_IN_TARGET = /\/backup\/record\/([^/?]+)/;

/** The longest that the node tries to release a lock when it ends, in milliseconds. */
const RELEASE_TIMEOUT = 15 * SECOND;

/** What a night is about. */
export interface Services {
	drive: UnreliableKooDrive;
	store: UnreliableStore;
	clock: FakeClock;
	random: () => number;
}

/** One night: lets time pass, lets its outages begin, stops the execution, and remembers what the node could know. */
export class Night {
	/** Whether the response to the creation of a lock or a record was lost: it isn't repeated, so the night fails. */
	lostCreation = false;

	wasStopped = false;

	/** Stops the execution of the night. */
	cancel: () => void = () => undefined;

	private requests = 0;

	/** The locks and records that requests named, by ID. */
	private readonly used = new Set<string>();

	/** Those of them that the node tried to release or delete. */
	private readonly cleanedUp = new Set<string>();

	/** Whether the last request created something whose ID wasn't known to the node when the night was stopped. */
	private stoppedDuringCreation = false;

	private lastWasCreation = false;

	private nodesEndedAt = Infinity;

	private readonly unavailable: Array<{ from: number; to: number }> = [];

	/** The services that are unavailable now. */
	private readonly down = new Set<Outage['of']>();

	private readonly disturbances: Array<Promise<void>> = [];

	private readonly plannedOutages: Outage[];

	constructor(
		private readonly services: Services,
		private readonly plan: NightPlan,
	) {
		this.plannedOutages = [...plan.outages];
	}

	onNodeStart(name: string): void {
		this.beginOutages(({ begins }) => begins === name);
	}

	/** A request has reached KooDrive. */
	onRequest(request: RecordedRequest): void {
		this.lastWasCreation = isCreation(request);
		const lockId = String(request.headers['x-backup-lock-id']);
		const [, recordId = ''] = RECORD_IN_TARGET.exec(request.target) ?? [];
		this.used.add(lockId).add(recordId);
		if (request.method === 'DELETE') this.cleanedUp.add(recordId === '' ? lockId : recordId);
		this.onAnyRequest(SECOND);
	}

	/** A request has reached the object store. */
	onStoreRequest(): void {
		this.lastWasCreation = false;
		const isLong = this.services.random() < 0.1;
		this.onAnyRequest((isLong ? 15 : 2) * SECOND);
	}

	onFault(request: RecordedRequest, fault: Fault): void {
		if (isCreation(request) && !isOutcomeKnown(fault)) this.lostCreation = true;
	}

	/**
	 * Waits until all outages are over.
	 *
	 * @param nodesEndedAt by the monotonic clock, in milliseconds
	 */
	async end(nodesEndedAt: number): Promise<void> {
		this.nodesEndedAt = nodesEndedAt;
		await Promise.all(this.disturbances);
	}

	/** Whether there is a reason why a lock or an incomplete record with this ID was left. */
	mayLeave(id: string): boolean {
		const wasUnavailable = this.unavailable.some(
			({ from, to }) => from <= this.nodesEndedAt && to >= this.nodesEndedAt - RELEASE_TIMEOUT,
		);
		const isUnknown = (this.lostCreation || this.stoppedDuringCreation) && !this.used.has(id);
		return wasUnavailable || isUnknown || this.cleanedUp.has(id);
	}

	private onAnyRequest(longest: number): void {
		const { clock, random } = this.services;
		this.requests++;
		clock.pass(random() * longest * this.plan.slowness);
		// An outage that begins in the middle of a creation would lose its response without a trace.
		if (!this.lastWasCreation) {
			this.beginOutages(({ begins }) => typeof begins === 'number' && begins <= this.requests);
		}
		if (this.plan.stop !== undefined && this.requests === this.plan.stop.atRequest) {
			this.disturbances.push(this.stop(this.plan.stop.delay));
		}
	}

	private beginOutages(isDue: (outage: Outage) => boolean): void {
		for (const outage of this.plannedOutages.filter(isDue)) {
			this.plannedOutages.splice(this.plannedOutages.indexOf(outage), 1);
			this.disturbances.push(this.goDown(outage));
		}
	}

	private async goDown({ of, milliseconds }: Outage): Promise<void> {
		const { clock, drive, store } = this.services;
		const wait = async (time: number) => await clock.sleep(time);
		// Two in a row would be a longer one than planned.
		if (this.down.has(of)) return;
		this.down.add(of);
		if (of === 'the store') await store.goDown(wait, milliseconds);
		else {
			const period = { from: clock.monotonic(), to: Infinity };
			this.unavailable.push(period);
			await drive.goDown(wait, milliseconds);
			period.to = clock.monotonic();
		}
		this.down.delete(of);
	}

	private async stop(delay: number): Promise<void> {
		if (delay > 0) await this.services.clock.sleep(delay);
		this.wasStopped = true;
		this.stoppedDuringCreation = this.lastWasCreation;
		this.cancel();
	}
}

/** Whether a request creates a lock or a record, which isn't repeated if the outcome is unknown. */
export function isCreation({ method, target }: RecordedRequest): boolean {
	return method === 'POST' && (target === LOCK || target === RECORD);
}

/** Whether a client knows after this fault that the request wasn't carried out. */
export function isOutcomeKnown(fault: Fault): boolean {
	return fault.kind === 'answer' && (fault.status === 429 || fault.status === 503);
}
