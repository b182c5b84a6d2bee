import type { TransferRow } from '.';
import type { TransferCase } from './cases';
import { renderSvg } from '../plot';
import { KIB, MIB } from '../units';
import { describeTransferCase, parallelCases, partCases } from './cases';
import { medianOf } from './figures';

interface Point {
	x: string;
	value: number;
	latency: string;
}

/** Draws how fast transfers are by their number and by the size of their parts, as SVG. */
export async function plotTransfers(rows: TransferRow[]): Promise<string> {
	const panels = [
		panelOf('Files of 10 KiB per second', 'parallel transfers', byParallel(rows, 10 * KIB)),
		panelOf('Files of 1 MiB per second', 'parallel transfers', byParallel(rows, MIB)),
		panelOf('MiB per second of one file', 'MiB of its parts', byPartSize(rows)),
	];
	return await renderSvg({
		background: 'white',
		hconcat: panels as never,
		config: { legend: { orient: 'bottom' } },
	});
}

function panelOf(title: string, x: string, values: Point[]): object {
	return {
		title,
		width: 260,
		height: 200,
		data: { values },
		mark: { type: 'line', point: true },
		encoding: {
			x: { field: 'x', type: 'ordinal', sort: null, title: x, axis: { labelAngle: 0 } },
			y: { field: 'value', type: 'quantitative', title: null },
			color: { field: 'latency', type: 'nominal', title: 'round trip', scale: { scheme: 'dark2' } },
		},
	};
}

function byParallel(rows: TransferRow[], size: number): Point[] {
	return points(
		rows,
		parallelCases.filter((situation) => situation.size === size),
		(row) => ({
			x: String(row.case.parallel),
			value: row.case.files / secondsOf(row),
		}),
	);
}

function byPartSize(rows: TransferRow[]): Point[] {
	return points(rows, partCases, (row) => ({
		x: String(row.case.partSize! / MIB),
		value: row.case.size / MIB / secondsOf(row),
	}));
}

function secondsOf({ runs }: TransferRow): number {
	return medianOf(runs.map(({ backUp }) => backUp))!.seconds;
}

function points(
	rows: TransferRow[],
	cases: TransferCase[],
	show: (row: TransferRow) => Pick<Point, 'x' | 'value'>,
): Point[] {
	return cases.flatMap((situation) => {
		const row = rows.find(
			({ case: other, runs }) =>
				runs.length > 0 && describeTransferCase(other) === describeTransferCase(situation),
		);
		if (row === undefined) return [];
		return [{ ...show(row), latency: `${row.case.latency} ms` }];
	});
}
