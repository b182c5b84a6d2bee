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

/** @returns for example `1.5 MB/s` */
export function formatRate(bytes: number, seconds: number): string {
	return `${formatBytes(Math.round(bytes / Math.max(0.001, seconds)))}/s`;
}

/** @returns for example `33.4 s`, `12 min` or `2 h 5 min` */
export function formatDuration(seconds: number): string {
	if (seconds < 120) return `${Math.round(10 * seconds) / 10} s`;
	const minutes = Math.round(seconds / 60);
	const hours = Math.floor(minutes / 60);
	return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}

/** @returns for example `1,204 files (3.4 GB) in 12 min (4.7 MB/s)` */
export function formatTransfer(files: number, bytes: number, seconds: number): string {
	return `${countFiles(files)} (${formatBytes(bytes)}) in ${formatDuration(seconds)} (${formatRate(bytes, seconds)})`;
}
