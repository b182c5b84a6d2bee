import { randomUUID } from 'node:crypto';

import type { ApiReply, ApiRequest, Handler, Route } from './replies';
import {
	dataReply,
	done,
	MODULE_CODES,
	objectIn,
	parameterCheckFailed,
	resourceMissing,
	route,
} from './replies';

const TEN_MINUTES = 10 * 60 * 1000;
const LOCK = '/koodrive/ose/v1/backup/lock';

/** The backup locks of the simulated service. */
export class Locks {
	private readonly expiries = new Map<string, number>();

	/** How many locks had expired when a request wanted to renew or release them. */
	expiredWhenNeeded = 0;

	constructor(private readonly now: () => number) {}

	/** Makes a lock that lives 10 minutes. */
	create(moduleCode: string, lockId = `${randomUUID()}@${moduleCode}`): string {
		this.expiries.set(lockId, this.now() + TEN_MINUTES);
		return lockId;
	}

	/** Whether a lock exists and hasn't expired. */
	isAlive(lockId: string): boolean {
		return (this.expiries.get(lockId) ?? 0) > this.now();
	}

	/** When a lock expires: milliseconds since the Unix epoch, or `undefined` where there is none. */
	expiryOf(lockId: string): number | undefined {
		return this.expiries.get(lockId);
	}

	/** Gives a lock that hasn't expired 10 minutes from now; `false` where there is none. */
	renew(lockId: string): boolean {
		return this.whileAlive(lockId, () => this.expiries.set(lockId, this.now() + TEN_MINUTES));
	}

	/** Ends a lock that hasn't expired; `false` where there is none. */
	release(lockId: string): boolean {
		return this.whileAlive(lockId, () => this.expiries.delete(lockId));
	}

	/** The locks that haven't expired. */
	get alive(): string[] {
		return [...this.expiries.keys()].filter((lockId) => this.isAlive(lockId));
	}

	private whileAlive(lockId: string, act: () => void): boolean {
		if (!this.expiries.has(lockId)) return false;
		if (!this.isAlive(lockId)) {
			this.expiredWhenNeeded++;
			return false;
		}
		act();
		return true;
	}
}

/** "Creating a Backup Lock", "Backup Lock Renewal", "Releasing a Backup Lock". */
export function lockRoutes(locks: Locks): Route[] {
	const renew = changeLock((lockId) => locks.renew(lockId));
	const release = changeLock((lockId) => locks.release(lockId));
	return [
		route('POST', LOCK, ({ body }) => createLock(locks, body)),
		route('PATCH', LOCK, renew),
		route('DELETE', LOCK, release),
	];
}

/** Lets a request through only with the header of a lock that hasn't expired. */
export function withLock(locks: Locks, handle: Handler): Handler {
	return (request, id) => {
		const lockId = lockIdIn(request);
		if (lockId === '') return parameterCheckFailed;
		return locks.isAlive(lockId) ? handle(request, id) : resourceMissing;
	};
}

function lockIdIn({ headers }: ApiRequest): string {
	return String(headers['x-backup-lock-id'] ?? '');
}

function changeLock(change: (lockId: string) => boolean): Handler {
	return (request) => {
		const lockId = lockIdIn(request);
		if (lockId === '' || request.body.length > 0) return parameterCheckFailed;
		return change(lockId) ? done : resourceMissing;
	};
}

function createLock(locks: Locks, body: Buffer): ApiReply {
	const { moduleCode } = objectIn(body) ?? {};
	if (typeof moduleCode !== 'string' || !MODULE_CODES.includes(moduleCode)) {
		return parameterCheckFailed;
	}
	return dataReply({ lockId: locks.create(moduleCode) });
}
