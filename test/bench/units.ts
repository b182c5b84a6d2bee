export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** A number with as many digits as a table needs. */
export function formatNumber(value: number): string {
	const digits = value < 0.1 ? 4 : value < 10 ? 2 : value < 100 ? 1 : 0;
	return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
