/**
 * Requests the next value while the consumer works on the current one.
 *
 * @returns the same values, in order
 * @throws what `values` throws, in its turn
 */
export async function* readAhead<Value>(
	values: AsyncGenerator<Value, void>,
): AsyncGenerator<Value, void> {
	let next = values.next();
	try {
		for (;;) {
			const { value, done } = await next;
			if (done === true) return;
			next = values.next();
			// If it fails, that's reported when the consumer asks for it, if it still does.
			next.catch(() => undefined);
			yield value;
		}
	} finally {
		await values.return();
	}
}
