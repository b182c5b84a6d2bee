import type { Clock } from '../retry/clock';
import type { Execution } from './execution';
import type { Kept } from './keeping';
import { Keeping } from './keeping';

/** n8n waits this many milliseconds at the most for what is given back at the end of an execution. */
const END_TAKES = 15_000;

/**
 * Milliseconds between two looks into n8n's records. n8n puts an execution to sleep for no less than 65 seconds,
 * so that no such sleep is overlooked.
 */
const LOOK_EVERY = 60_000;

/** What is kept alive for one execution, until it ends. */
export class KeptExecution {
	private readonly keepings = new Map<string, Keeping>();

	private readonly over = new AbortController();

	private hasHandler = false;

	private wasAsleep = false;

	private finishing: Promise<void> | undefined;

	/**
	 * @param clock time and chance
	 * @param forget takes the execution out of what the keeper holds
	 */
	constructor(
		private readonly clock: Clock,
		private readonly forget: () => void,
	) {}

	/** @returns how many things are kept alive, or known to be lost */
	get size(): number {
		return this.keepings.size;
	}

	/** @returns what is kept under this ID */
	get(id: string): Keeping | undefined {
		return this.keepings.get(id);
	}

	/** Keeps something alive; what is kept already is only taken note of. See {@link Keeping}. */
	keep(execution: Execution, id: string, kept: Kept, sentAt: number): void {
		if (!this.hasHandler) execution.onFinish(async () => await this.finish());
		this.hasHandler = true;
		const known = this.keepings.get(id);
		if (known !== undefined) return known.renewed(sentAt);
		const keeping = new Keeping(kept, this.clock, sentAt);
		this.keepings.set(id, keeping);
		void keeping.run().then(() => this.keepings.delete(id));
	}

	/** Stops keeping something, waits for a renewal in flight, and forgets it; what was lost before is still known. */
	async end(id: string): Promise<Keeping | undefined> {
		const keeping = this.keepings.get(id);
		if (keeping !== undefined && keeping.loss === undefined) {
			await keeping.stop();
			this.keepings.delete(id);
		}
		return keeping;
	}

	/** Looks, now and then, whether the execution has slept and ended: then n8n calls no handler. */
	async watch(execution: Execution): Promise<void> {
		while (!this.over.signal.aborted) {
			try {
				await this.clock.sleep(LOOK_EVERY, this.over.signal);
			} catch {
				return;
			}
			if (this.size === 0 || (await this.hasEnded(execution))) await this.finish();
		}
	}

	/** Ends everything that is kept for the execution, once. */
	async finish(): Promise<void> {
		this.finishing ??= this.finishAll();
		await this.finishing;
	}

	private async finishAll(): Promise<void> {
		this.forget();
		this.over.abort();
		const keepings = [...this.keepings.values()];
		this.keepings.clear();
		const enough = new AbortController();
		const tooLate = this.clock.sleep(END_TAKES, enough.signal).catch(() => undefined);
		await Promise.race([
			Promise.all(keepings.map(async (keeping) => await keeping.finish())),
			tooLate,
		]);
		enough.abort();
		for (const keeping of keepings) keeping.abandon();
	}

	private async hasEnded(execution: Execution): Promise<boolean> {
		let record;
		try {
			record = await execution.lookUp();
		} catch {
			return false;
		}
		if (record === 'ended') return true;
		if (record === 'none') return this.wasAsleep;
		if (record === 'underWay') return false;
		this.wasAsleep = true;
		// The handler was known to the part of the execution that has gone to sleep.
		this.hasHandler = false;
		return false;
	}
}
