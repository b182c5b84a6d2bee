/** Bounds the bytes that are in use at the same time, so that several large files don't exhaust n8n's memory. */
export class MemoryBudget {
	private used = 0;

	private readonly waiting: Array<{ bytes: number; start: () => void }> = [];

	/** @param most bytes; a task that needs more than that runs alone */
	constructor(private readonly most: number) {}

	/**
	 * Runs a task when the bytes that it needs are free. Tasks start in order.
	 *
	 * @throws what the task throws
	 */
	async run<Value>(bytes: number, task: () => Promise<Value>): Promise<Value> {
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
		for (;;) {
			const [next] = this.waiting;
			const isFree = next !== undefined && (this.used === 0 || this.used + next.bytes <= this.most);
			if (!isFree) return;
			this.waiting.shift();
			this.used += next.bytes;
			next.start();
		}
	}
}
