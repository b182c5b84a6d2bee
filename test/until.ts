/** Milliseconds between two checks: short at first, and long enough later that the checks cost nothing. */
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 100;

/**
 * Waits, in real time, until a condition is met.
 *
 * @param what the condition in words
 * @param condition returns whether it is met
 * @param milliseconds the timeout: far more than it takes, so that a busy machine fails no test
 * @throws Error at the timeout
 */
export async function until(
	what: string,
	condition: () => boolean | Promise<boolean>,
	milliseconds = 120_000,
): Promise<void> {
	const deadline = Date.now() + milliseconds;
	for (
		let pause = SHORTEST_PAUSE;
		!(await condition());
		pause = Math.min(2 * pause, LONGEST_PAUSE)
	) {
		if (Date.now() > deadline) throw new Error(`waited ${milliseconds} ms for: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, pause));
	}
}
