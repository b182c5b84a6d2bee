/** Milliseconds between two looks: soon at first, and seldom enough later that the looks themselves cost nothing. */
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 100;

/**
 * Waits, by the wall's clock, until something is so.
 *
 * @param what what is waited for, in words
 * @param condition whether it is so
 * @param milliseconds how long it may take: far more than it does, as a busy machine is no failure
 * @throws Error when it is still not so
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
		if (Date.now() > deadline) throw new Error(`waited ${milliseconds} ms in vain: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, pause));
	}
}
