/** @returns for example `1,204 files` */
export function countFiles(count: number): string {
	return count === 1 ? '1 file' : `${count.toLocaleString('en-US')} files`;
}

/** @returns for example `1.5 GB`, in powers of 1,000 */
export function formatBytes(bytes: number): string {
	const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
	const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
	const value = bytes / 1000 ** power;
	return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}
