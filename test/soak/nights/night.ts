import type { FakeClock } from '../../engine/fakeClock';
import type { Fault, RecordedRequest } from '../../simulator';
import { SECOND } from '../../time';
import type { UnreliableKooDrive } from '../unreliable';
import type { NightPlan, Outage } from './plan';
import type { UnreliableStore } from './unreliableStore';

/** What is created with an ID that only the response tells, by the target of the request. */
const CREATED = new Map<string, Created>([
	['/koodrive/ose/v1/backup/lock', 'lock'],
	['/koodrive/ose/v1/backup/record', 'record'],
]);
const RECORD_IN_TARGET = /\/backup\/record\/([^/?]+)/;

/** The longest that the node tries to release a lock when it ends, in milliseconds. */
const RELEASE_TIMEOUT = 15 * SECOND;

/** What a night can leave on KooDrive. */
export type Created = 'lock' | 'record';

/** What a night is about. */
export interface Services {
	drive: UnreliableKooDrive;
	store: UnreliableStore;
	clock: FakeClock;
}

/** One night: lets its outages begin, stops the execution, and remembers what the node could know. */
export class Night {
	wasStopped = false;

	/** The longest that a lock was used without a renewal on its way, in milliseconds; 0 where KooDrive was unavailable. */
	longestWithoutRenewal = 0;

	/** Stops the execution of the night. */
	cancel: () => void = () => undefined;

	private requests = 0;

	/** The locks and records that requests named, by ID. */
	private readonly used = new Set<string>();

	/** When a lock was first used or last renewed, by its ID. */
	private readonly renewedAt = new Map<string, number>();

	/** Those of them that the node tried to release or delete. */
	private readonly cleanedUp = new Set<string>();

	/** How many locks and records may have been created whose IDs the node doesn't know. */
	private readonly lost = { lock: 0, record: 0 };

	/** What the last request creates, while its response may still be lost. */
	private creating: Created | undefined;

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
		this.creating = request.method === 'POST' ? CREATED.get(request.target) : undefined;
		const lockId = String(request.headers['x-backup-lock-id'] ?? '');
		const [, recordId = ''] = RECORD_IN_TARGET.exec(request.target) ?? [];
		this.used.add(lockId).add(recordId);
		this.noteRenewal(request.method, lockId);
		if (request.method === 'DELETE') this.cleanedUp.add(recordId === '' ? lockId : recordId);
		this.onAnyRequest();
	}

	/** A request has reached the object store. */
	onStoreRequest(): void {
		this.creating = undefined;
		this.onAnyRequest();
	}

	/** The last request to KooDrive meets a fault, or none. */
	onFault(fault: Fault | undefined): void {
		if (fault?.respond !== undefined || fault?.cut !== undefined) this.creating = undefined;
		// A restart that begins with the request closes its connection.
		else if (fault !== undefined || this.down.has('KooDrive')) this.loseCreated();
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

	/** Finds a reason why a lock or an incomplete record with this ID was left; a lost response is one for only one. */
	explainsLeft(what: Created, id: string): boolean {
		const wasUnavailable = this.unavailable.some(
			({ from, to }) => from <= this.nodesEndedAt && to >= this.nodesEndedAt - RELEASE_TIMEOUT,
		);
		if (wasUnavailable || this.cleanedUp.has(id)) return true;
		return !this.used.has(id) && this.lost[what]-- > 0;
	}

	private noteRenewal(method: string, lockId: string): void {
		if (lockId === '') return;
		const now = this.services.clock.monotonic();
		const before = this.renewedAt.get(lockId);
		if (before === undefined || method === 'PATCH') this.renewedAt.set(lockId, now);
		const longest = Math.max(this.longestWithoutRenewal, now - (before ?? now));
		this.longestWithoutRenewal = this.unavailable.length > 0 ? 0 : longest;
	}

	private onAnyRequest(): void {
		this.requests++;
		this.beginOutages(({ begins }) => typeof begins === 'number' && begins <= this.requests);
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
		this.loseCreated();
		this.cancel();
	}

	private loseCreated(): void {
		if (this.creating === undefined) return;
		this.lost[this.creating]++;
		this.services.drive.count(`the response to the creation of a ${this.creating} was lost`);
		this.creating = undefined;
	}
}
