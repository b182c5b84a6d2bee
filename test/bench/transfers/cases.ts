import { DEFAULT_PARALLEL_TRANSFERS } from '#dist/nodes/KooDriveBackup/transfer/transfer';
import { GIB, KIB, MIB } from '../units';

/** Who makes the backups. */
const TRANSFER_CONTENDERS = ['node', 'http-request', 'limit'] as const;

/** The last one packs all files into one with n8n's Compression node before. */
export type TransferContender = (typeof TRANSFER_CONTENDERS)[number] | 'archive';

/** The groups of cases, each of which can be measured by itself. */
export const GROUPS = [
	'large',
	'small',
	'lines',
	'memory',
	'settings',
	'archive',
	'quick',
] as const;
export type Group = (typeof GROUPS)[number];

/** One situation that is measured. */
export interface TransferCase {
	group: Group;
	files: number;
	/** Bytes of each file. */
	size: number;
	/** Milliseconds of a round trip. */
	latency: number;
	/** Mbit/s that all connections share in each direction; with latency only. */
	bandwidth?: number;
	/** The share of TCP segments that are lost; with latency only. */
	loss?: number;
	/** How many files are transferred at the same time. */
	parallel: number;
	/** Bytes of a part, where the node is to cut files into other parts than it would. */
	partSize?: number;
	contenders: readonly TransferContender[];
	/** How often each contender is measured, in turns. */
	rounds: number;
	/** Whether the files are backed up once more, with 1% of them changed. */
	secondNight?: boolean;
	restore?: boolean;
	/** Whether garbage is collected meanwhile, so that memory is what is in use. */
	collects?: boolean;
}

const compared = {
	latency: 0,
	parallel: DEFAULT_PARALLEL_TRANSFERS,
	contenders: TRANSFER_CONTENDERS,
	rounds: 3,
	restore: true,
};

const large: TransferCase[] = [
	{ ...compared, group: 'large', files: 1, size: GIB / 2 },
	...[50, 150].map((latency) => ({
		...compared,
		group: 'large' as const,
		latency,
		files: 1,
		size: GIB,
	})),
];

/** With latency, fewer files are enough: the time for each of them is the same. */
const small: TransferCase[] = [
	{ ...compared, files: 400, size: MIB, secondNight: true },
	{ ...compared, files: 2_000, size: 10 * KIB, secondNight: true },
	{ ...compared, files: 10_000, size: 10 * KIB, rounds: 1 },
	{ ...compared, latency: 50, files: 150, size: MIB },
	{ ...compared, latency: 50, files: 250, size: 10 * KIB },
	{ ...compared, latency: 150, files: 80, size: MIB },
	{ ...compared, latency: 150, files: 100, size: 10 * KIB },
].map((situation) => ({ ...situation, group: 'small' }));

/** Seconds that the bytes of a case take on its line. */
const LINE_SECONDS = 20;

/** One large file, as many as are transferred at a time and some more, and many small ones. */
const lines: TransferCase[] = [1, 5, 20, 100].flatMap((bandwidth): TransferCase[] => {
	const seconds = bandwidth === 100 ? LINE_SECONDS / 2 : LINE_SECONDS;
	const bytes = (bandwidth * 1e6 * seconds) / 8;
	const line = { ...compared, group: 'lines' as const, latency: 50, bandwidth };
	return [
		{ ...line, files: 1, size: bytes },
		{ ...line, files: 20, size: bytes / 20 },
		{ ...line, files: Math.min(300, Math.round(bytes / (10 * KIB))), size: 10 * KIB },
	];
});
const lossy: TransferCase[] = [
	{ files: 1, size: 8 * MIB },
	{ files: 48, size: MIB },
	{ files: 300, size: 10 * KIB },
].map((files) => ({ ...compared, ...files, group: 'lines', latency: 50, loss: 0.01 }));

const memory: TransferCase[] = [
	{ files: 16, size: 64 * MIB },
	{ files: 2_000, size: 10 * KIB, rounds: 1, collects: true },
	{ files: 10_000, size: 10 * KIB, rounds: 1, collects: true },
].map((files) => ({
	...compared,
	...files,
	group: 'memory',
	contenders: ['node', 'http-request'],
}));

const nodeOnly = { ...compared, contenders: ['node'], rounds: 1 } as const;

/** These show which number of parallel transfers is a good default. */
export const parallelCases = [0, 50].flatMap((latency) =>
	[1, 4, 16].flatMap((parallel): TransferCase[] => {
		const files = latency === 0 ? 200 : 20 * parallel;
		const situation = { ...nodeOnly, group: 'settings' as const, latency, parallel, files };
		return [MIB, 10 * KIB].map((size) => ({ ...situation, size, restore: false }));
	}),
);

/** These show which size of parts suits large files. */
export const partCases = [0, 50, 150].flatMap((latency) =>
	[16, 64, 128, 256].map(
		(mebibytes): TransferCase => ({
			...nodeOnly,
			group: 'settings',
			latency,
			files: 1,
			size: 512 * MIB,
			partSize: mebibytes * MIB,
			restore: false,
		}),
	),
);

/** These show whether one archive of many small files is better. */
const archive: TransferCase[] = [0, 50].flatMap((latency) =>
	[1_000, 10_000].map(
		(files): TransferCase => ({
			...nodeOnly,
			group: 'archive',
			latency,
			files,
			size: 10 * KIB,
			// How long the node takes without it follows from the other cases.
			contenders: files === 1_000 ? ['archive', 'node'] : ['archive'],
			restore: false,
		}),
	),
);

const quick: TransferCase[] = [
	{ ...compared, files: 1, size: 128 * MIB },
	{ ...compared, files: 60, size: MIB, secondNight: true },
	{ ...compared, files: 200, size: 10 * KIB },
].map((situation) => ({ ...situation, group: 'quick', rounds: 1 }));

const ALL = [
	...large,
	...small,
	...lines,
	...lossy,
	...memory,
	...parallelCases,
	...partCases,
	...archive,
	...quick,
];

/** @returns the cases of a group, or of all but the quick ones */
export function casesOf(group: Group | undefined): TransferCase[] {
	return ALL.filter((situation) =>
		group === undefined ? situation.group !== 'quick' : situation.group === group,
	);
}

/** A case in a few words, for progress lines and tables. */
export function describeTransferCase(situation: TransferCase): string {
	const { files, size, parallel, partSize, collects } = situation;
	const parts = partSize === undefined ? [] : [`parts of ${formatSize(partSize)}`];
	const collected = collects === true ? ['garbage collected'] : [];
	return [
		`${files.toLocaleString('en-US')} × ${formatSize(size)}`,
		describeLine(situation),
		`${parallel} at a time`,
		...parts,
		...collected,
	].join(', ');
}

export function describeLine({ latency, bandwidth, loss }: TransferCase): string {
	const line = bandwidth === undefined ? [] : [`${bandwidth} Mbit/s`];
	const lost = loss === undefined ? [] : [`${loss * 100}% lost`];
	return [`${latency} ms`, ...line, ...lost].join(', ');
}

export function formatSize(bytes: number): string {
	const [unit, name] = bytes >= GIB ? [GIB, 'GiB'] : bytes >= MIB ? [MIB, 'MiB'] : [KIB, 'KiB'];
	return `${Number((bytes / unit).toPrecision(3))} ${name}`;
}
