/** @returns what a thrown value says: JavaScript throws anything */
export function getMessage(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
