import type { TransferRow } from '.';
import type { Goal, Ratio } from '../goals';
import { judgeRatios } from '../goals';
import { MIB } from '../units';
import type { TransferContender } from './cases';
import { describeTransferCase } from './cases';
import { memoryOverIdle } from './cells';
import type { Figures } from './figures';

type Operation = 'backUp' | 'restore';
const NAMES: Record<Operation, string> = { backUp: 'Back Up', restore: 'Restore' };

/** Compares the transfers with the goals. Goals whose cases weren't measured are left out. */
export function judgeTransfers(rows: TransferRow[]): Goal[] {
	return [
		asFastAs(rows, 'limit', 0.8, 'one large file', ({ case: { files } }) => files === 1),
		asFastAs(rows, 'http-request', 1, 'every case', () => true),
		asFastAs(rows, 'http-request', 2, 'many files', ({ case: { files } }) => files > 1),
		secondNight(rows),
		littleMemory(rows),
		complete(rows),
		proportional(rows),
	].filter((goal) => goal !== undefined);
}

function asFastAs(
	rows: TransferRow[],
	contender: TransferContender,
	least: number,
	where: string,
	isMeant: (row: TransferRow) => boolean,
): Goal | undefined {
	const ratios = rows
		.filter((row) => row.contender === 'node' && isMeant(row))
		.flatMap((row) => compare(rows, row, contender));
	return judgeRatios(`transfers: node/${contender} at least ${least} (${where})`, least, ratios);
}

function compare(rows: TransferRow[], node: TransferRow, contender: TransferContender): Ratio[] {
	const other = rows.find((row) => row.contender === contender && isSame(row, node));
	return (['backUp', 'restore'] as const).flatMap((operation) => {
		const [ours, theirs] = [node.measured[operation], other?.measured[operation]];
		if (ours === undefined || theirs === undefined) return [];
		const where = `${NAMES[operation]}, ${describeTransferCase(node.case)}`;
		return [{ where, ratio: theirs.seconds / ours.seconds }];
	});
}

function isSame({ case: one }: TransferRow, { case: other }: TransferRow): boolean {
	return describeTransferCase(one) === describeTransferCase(other);
}

function secondNight(rows: TransferRow[]): Goal | undefined {
	const row = rows.find(({ measured }) => measured.secondNight !== undefined);
	if (row === undefined) return undefined;
	const share = row.measured.secondNight!.seconds / row.measured.backUp.seconds;
	return {
		goal: 'the second night, with 1% changed, takes at most a tenth of the first',
		figure: `${(share * 100).toFixed(0)}% (${describeTransferCase(row.case)})`,
		reached: share <= 0.1,
	};
}

function ofNode(rows: TransferRow[]): Array<{ row: TransferRow; figures: Figures }> {
	return rows
		.filter(({ contender }) => contender === 'node')
		.flatMap((row) =>
			[row.measured.backUp, row.measured.secondNight, row.measured.restore].flatMap((figures) =>
				figures === undefined ? [] : [{ row, figures }],
			),
		);
}

function littleMemory(rows: TransferRow[]): Goal | undefined {
	const most = ofNode(rows)
		// The node would cut files into other parts by itself.
		.filter(({ row }) => row.case.partSize === undefined)
		.map(({ row, figures }) => ({ row, memory: memoryOverIdle(figures) }))
		.sort((one, other) => other.memory - one.memory)[0];
	if (most === undefined) return undefined;
	return {
		goal: 'transfers take at most 200 MiB over the idle process',
		figure: `${most.memory.toFixed(0)} MiB (${describeTransferCase(most.row.case)})`,
		reached: most.memory <= 200,
	};
}

function complete(rows: TransferRow[]): Goal | undefined {
	const measured = ofNode(rows);
	if (measured.length === 0) return undefined;
	const failures = measured.reduce((sum, { figures }) => sum + figures.failures, 0);
	const most = Math.max(...measured.map(({ row }) => row.case.files));
	return {
		goal: 'no file fails',
		figure: `${failures} failures, with up to ${most.toLocaleString('en-US')} files`,
		reached: failures === 0,
	};
}

function proportional(rows: TransferRow[]): Goal | undefined {
	const [few, many] = [1_000, 10_000].map((files) =>
		rows.find(
			({ contender, case: { files: count, size, latency } }) =>
				contender === 'node' && count === files && size < MIB && latency === 0,
		),
	);
	if (few === undefined || many === undefined) return undefined;
	const [up, down] = (['backUp', 'restore'] as const).map(
		(operation) => many.measured[operation]!.seconds / few.measured[operation]!.seconds,
	);
	return {
		goal: '10 times the files take at most 10 times the time, with 10% for variation',
		figure: `Back Up ${up!.toFixed(1)} times, Restore ${down!.toFixed(1)} times`,
		reached: up! <= 11 && down! <= 11,
	};
}
