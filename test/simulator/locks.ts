import { randomUUID } from 'node:crypto';

const TEN_MINUTES = 10 * 60 * 1000;

/** The backup locks of the simulated service. */
export class Locks {
	private readonly expiries = new Map<string, number>();

	/** How many locks had died when somebody wanted to renew or release them. */
	expiredWhenNeeded = 0;

	constructor(private readonly now: () => number) {}

	/** Makes a lock that lives 10 minutes. */
	create(moduleCode: string, lockId = `${randomUUID()}@${moduleCode}`): string {
		this.expiries.set(lockId, this.now() + TEN_MINUTES);
		return lockId;
	}

	/** Whether a lock exists and is alive. */
	isAlive(lockId: string): boolean {
		return (this.expiries.get(lockId) ?? 0) > this.now();
	}

	/** When a lock dies: milliseconds since the Unix epoch, or `undefined` where there is none. */
	expiryOf(lockId: string): number | undefined {
		return this.expiries.get(lockId);
	}

	/** Gives a living lock 10 minutes from now; `false` where there is none. */
	renew(lockId: string): boolean {
		return this.whileAlive(lockId, () => this.expiries.set(lockId, this.now() + TEN_MINUTES));
	}

	/** Ends a living lock; `false` where there is none. */
	release(lockId: string): boolean {
		return this.whileAlive(lockId, () => this.expiries.delete(lockId));
	}

	/** The locks that are alive. */
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
