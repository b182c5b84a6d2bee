import type { TransferRow } from '.';
import type { Goal, Ratio } from '../goals';
import { judgeRatios } from '../goals';
import { KIB, MIB } from '../units';
import type { TransferContender } from './cases';
import { describeTransferCase } from './cases';
import { memoryOverIdle } from './cells';
import type { Figures } from './figures';
import { medianOf } from './figures';

const OPERATIONS = { backUp: 'Back Up', restore: 'Restore' } as const;
type Operation = keyof typeof OPERATIONS;
const BOTH = Object.keys(OPERATIONS) as Operation[];

type Choose = (row: TransferRow) => boolean;

const isWhole: Choose = ({ case: { group, latency } }) => group === 'large' && latency === 0;
const isFar: Choose = ({ case: { group, latency } }) => group === 'large' && latency > 0;
const isMany: Choose = ({ case: { group } }) => group === 'small';
/** Small files wait for round trips, not for the line. */
const isSlowLine: Choose = ({ case: { bandwidth = Infinity, size } }) =>
	bandwidth <= 20 && size > 10 * KIB;

/** Compares the transfers with the goals. Goals whose cases weren't measured are left out. */
export function judgeTransfers(all: TransferRow[]): Goal[] {
	const rows = all.filter(({ runs }) => runs.length > 0);
	const asFastAs = (
		contender: TransferContender,
		least: number,
		where: string,
		isMeant: Choose,
		operations = BOTH,
	) => {
		const ratios = rows
			.filter((row) => row.contender === 'node' && isMeant(row))
			.flatMap((row) => compare(rows, row, contender, 'seconds', operations));
		return judgeRatios(`transfers: node/${contender} at least ${least} (${where})`, least, ratios);
	};
	return [
		asFastAs('http-request', 0.9, '1 GiB over 50 and 150 ms', isFar),
		leastMemory(rows),
		asFastAs('limit', 0.6, 'Back Up of 512 MiB', isWhole, ['backUp']),
		asFastAs('limit', 0.85, 'Restore of 512 MiB', isWhole, ['restore']),
		asFastAs('http-request', 1.2, '512 MiB', isWhole),
		asFastAs('http-request', 1, 'many files', isMany),
		usesLine(rows),
		secondNight(rows),
		littleMemory(rows, 1, 80),
		littleMemory(rows, 16, 160),
		complete(all),
		proportional(rows),
	].filter((goal) => goal !== undefined);
}

/** @returns how many times as much the other one takes */
function compare(
	rows: TransferRow[],
	node: TransferRow,
	contender: TransferContender,
	what: 'seconds' | 'memory',
	operations: readonly Operation[],
): Ratio[] {
	const other = rows.find((row) => row.contender === contender && isSame(row, node));
	return operations.flatMap((operation) => {
		const [ours, theirs] = [figuresOf(node, operation), other && figuresOf(other, operation)];
		if (ours === undefined || theirs === undefined) return [];
		const measure = (figures: Figures) =>
			what === 'seconds' ? figures.seconds : memoryOverIdle(figures);
		const where = `${OPERATIONS[operation]}, ${describeTransferCase(node.case)}`;
		return [{ where, ratio: measure(theirs) / measure(ours) }];
	});
}

function figuresOf({ runs }: TransferRow, what: Operation | 'secondNight'): Figures | undefined {
	return medianOf(runs.map((run) => run[what]));
}

function isSame({ case: one }: TransferRow, { case: other }: TransferRow): boolean {
	return describeTransferCase(one) === describeTransferCase(other);
}

function leastMemory(rows: TransferRow[]): Goal | undefined {
	const ratios = rows
		.filter((row) => row.contender === 'node' && isFar(row))
		.flatMap((row) => compare(rows, row, 'http-request', 'memory', BOTH));
	const goal = 'transfers: HTTP Request takes at least 5 times the memory (1 GiB)';
	return judgeRatios(goal, 5, ratios);
}

function usesLine(rows: TransferRow[]): Goal | undefined {
	const ratios = rows
		.filter((row) => row.contender === 'node' && isSlowLine(row))
		.flatMap((row) =>
			BOTH.map((operation): Ratio => {
				const { files, size, bandwidth = Infinity } = row.case;
				const megabits = (files * size * 8) / 1e6 / figuresOf(row, operation)!.seconds;
				const where = `${OPERATIONS[operation]}, ${describeTransferCase(row.case)}`;
				return { where, ratio: megabits / bandwidth };
			}),
		);
	return judgeRatios('transfers use at least 0.9 of a line of 1, 5, or 20 Mbit/s', 0.9, ratios);
}

function secondNight(rows: TransferRow[]): Goal | undefined {
	const shares = rows.flatMap((row) => {
		const second = figuresOf(row, 'secondNight');
		if (second === undefined) return [];
		return [{ row, share: second.seconds / figuresOf(row, 'backUp')!.seconds }];
	});
	const ours = shares.filter(({ row }) => row.contender === 'node');
	if (ours.length === 0) return undefined;
	const percent = (share: number) => `${(share * 100).toFixed(0)}%`;
	const figures = ours.map(({ row, share }) => {
		const limit = shares.find((other) => other.row.contender === 'limit' && isSame(other.row, row));
		const beside = limit === undefined ? '' : `, limit ${percent(limit.share)}`;
		return `${percent(share)}${beside} (${describeTransferCase(row.case)})`;
	});
	return {
		goal: 'the second night, with 1% changed, takes at most half of the first',
		figure: figures.join('; '),
		reached: ours.every(({ share }) => share <= 0.5),
	};
}

function littleMemory(rows: TransferRow[], files: number, most: number): Goal | undefined {
	const [worst] = rows
		.filter(({ contender, case: { partSize } }) => contender === 'node' && partSize === undefined)
		.filter((row) => row.case.files === files && row.case.size >= 64 * MIB)
		.flatMap((row) => BOTH.map((operation) => ({ row, figures: figuresOf(row, operation)! })))
		.map(({ row, figures }) => ({ row, memory: memoryOverIdle(figures) }))
		.sort((one, other) => other.memory - one.memory);
	if (worst === undefined) return undefined;
	const what = files === 1 ? 'one large file takes' : `${files} large files at a time take`;
	return {
		goal: `${what} at most ${most} MiB over the idle process`,
		figure: `${worst.memory.toFixed(0)} MiB (${describeTransferCase(worst.row.case)})`,
		reached: worst.memory <= most,
	};
}

/** A backup that failed as a whole counts with all its files. */
function complete(rows: TransferRow[]): Goal | undefined {
	const ours = rows.filter(({ contender }) => contender === 'node');
	if (ours.length === 0) return undefined;
	const failures = ours.map(({ case: { files, rounds }, runs }) => {
		const failed = runs.flatMap(({ backUp, secondNight: second, restore }) =>
			[backUp, second, restore].map((figures) => figures?.failures ?? 0),
		);
		return failed.reduce((sum, count) => sum + count, files * (rounds - runs.length));
	});
	const most = Math.max(...ours.map((row) => row.case.files));
	return {
		goal: 'no file fails',
		figure: `${failures.reduce((sum, count) => sum + count, 0)} failures, with up to ${most.toLocaleString('en-US')} files`,
		reached: failures.every((count) => count === 0),
	};
}

const FEW = 2_000;
const MANY = 10_000;

function proportional(rows: TransferRow[]): Goal | undefined {
	const [few, many] = [FEW, MANY].map((count) =>
		rows.find((row) => row.contender === 'node' && isMany(row) && row.case.files === count),
	);
	if (few === undefined || many === undefined) return undefined;
	const [up, down] = BOTH.map(
		(operation) => figuresOf(many, operation)!.seconds / figuresOf(few, operation)!.seconds,
	) as [number, number];
	const times = MANY / FEW;
	return {
		goal: `${times} times the files take at most ${times} times the time, with 10% for variation`,
		figure: `Back Up ${up.toFixed(1)} times, Restore ${down.toFixed(1)} times`,
		reached: up <= 1.1 * times && down <= 1.1 * times,
	};
}
