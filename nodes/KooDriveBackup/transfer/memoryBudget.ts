/** Bounds the bytes of files that n8n holds in memory as a whole, where it does. */
export class MemoryBudget {
	private used = 0;

	private isLifted = false;

	private readonly waiting: Array<{ bytes: number; start: () => void }> = [];

	/** @param most bytes; a file that is larger is in transfer alone */
	constructor(private readonly most: number) {}

	/** Lets everything begin, because n8n holds no file in memory. */
	lift(): void {
		this.isLifted = true;
		this.startWaiting();
	}

	/**
	 * Runs a task when the bytes that it needs are free. Tasks begin in order.
	 *
	 * @param bytes `undefined` where that isn't known: then it runs alone
	 * @throws what the task throws
	 */
	async run<Value>(bytes = this.most, task: () => Promise<Value>): Promise<Value> {
		await new Promise<void>((resolve) => {
			this.waiting.push({ bytes, start: resolve });
			this.startWaiting();
		});
		try {
			return await task();
		} finally {
			this.used -= bytes;
			this.startWaiting();
		}
	}

	private startWaiting(): void {
		for (let [next] = this.waiting; next !== undefined; [next] = this.waiting) {
			const fits = this.isLifted || this.used === 0 || this.used + next.bytes <= this.most;
			if (!fits) return;
			this.waiting.shift();
			this.used += next.bytes;
			next.start();
		}
	}
}
