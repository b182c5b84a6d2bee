import { DEFAULT_PARALLEL_TRANSFERS } from '#dist/nodes/KooDriveBackup/transfer/transfer';
import { GIB, KIB, MIB } from '../units';

/** Who makes the backups. */
const TRANSFER_CONTENDERS = ['node', 'http-request', 'limit'] as const;
export type TransferContender = (typeof TRANSFER_CONTENDERS)[number];

/** One situation that is measured. */
export interface TransferCase {
	files: number;
	/** Bytes of each file. */
	size: number;
	/** Milliseconds of a round trip. */
	latency: number;
	/** How many files are transferred at the same time. */
	parallel: number;
	/** Bytes of a part, where the node is to cut files into other parts than it would. */
	partSize?: number;
	contenders: readonly TransferContender[];
	/** Whether the files are backed up once more, with 1% of them changed. */
	secondNight?: boolean;
	restore?: boolean;
}

/** Milliseconds of a round trip that are measured. */
const LATENCIES = [0, 50, 150] as const;

const compared = {
	parallel: DEFAULT_PARALLEL_TRANSFERS,
	contenders: TRANSFER_CONTENDERS,
	restore: true,
};

/** With latency, fewer bytes and files are enough: the time for each of them is the same. */
const comparisons = LATENCIES.flatMap((latency, index): TransferCase[] => [
	{ ...compared, latency, files: 1, size: latency === 0 ? 2 * GIB : GIB / 4 },
	{ ...compared, latency, files: [1_000, 150, 80][index]!, size: MIB, secondNight: index === 0 },
	{ ...compared, latency, files: [10_000, 250, 100][index]!, size: 10 * KIB },
]);

const nodeOnly = {
	contenders: ['node'],
	latency: 0,
	parallel: DEFAULT_PARALLEL_TRANSFERS,
} as const;

/** These show whether the time is proportional to the number of files, and the memory of 16 parallel transfers. */
const growth: TransferCase[] = [
	{ ...nodeOnly, files: 1_000, size: 10 * KIB, restore: true },
	{ ...nodeOnly, files: 16, size: 64 * MIB, parallel: 16, restore: true },
];

/** These show which number of parallel transfers is a good default. */
const PARALLELS = [1, 4, 16] as const;
export const parallelCases = [0, 50].flatMap((latency) =>
	PARALLELS.flatMap((parallel): TransferCase[] => {
		const files = latency === 0 ? 200 : 20 * parallel;
		return [MIB, 10 * KIB].map((size) => ({ ...nodeOnly, latency, parallel, files, size }));
	}),
);

/** These show which size of parts suits large files. */
const PART_SIZES = [8, 16, 32, 64] as const;
export const partCases = LATENCIES.flatMap((latency) =>
	PART_SIZES.map(
		(mebibytes): TransferCase => ({
			...nodeOnly,
			latency,
			files: 1,
			size: 256 * MIB,
			partSize: mebibytes * MIB,
		}),
	),
);

export const TRANSFER_CASES: readonly TransferCase[] = [
	...comparisons,
	...growth,
	...parallelCases,
	...partCases,
];

/** Those of the quick run. */
export const QUICK_TRANSFER_CASES: readonly TransferCase[] = [
	{ ...compared, latency: 0, files: 1, size: 128 * MIB },
	{ ...compared, latency: 0, files: 60, size: MIB, secondNight: true },
	{ ...compared, latency: 0, files: 200, size: 10 * KIB },
];

/** A case in a few words, for progress lines and tables. */
export function describeTransferCase({
	files,
	size,
	latency,
	parallel,
	partSize,
}: TransferCase): string {
	const parts = partSize === undefined ? [] : [`parts of ${formatSize(partSize)}`];
	return [
		`${files.toLocaleString('en-US')} × ${formatSize(size)}`,
		`${latency} ms`,
		`${parallel} at a time`,
		...parts,
	].join(', ');
}

export function formatSize(bytes: number): string {
	if (bytes >= GIB) return `${bytes / GIB} GiB`;
	return bytes >= MIB ? `${bytes / MIB} MiB` : `${bytes / KIB} KiB`;
}
