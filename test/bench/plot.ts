import type { Row } from './row';
import { median, rate } from './row';

/**
 * Draws locks a second and peak memory over the number of locks, for each contender.
 *
 * @param rows what was measured
 * @returns an SVG document
 */
export async function plot(rows: Row[]): Promise<string> {
	const { compile } = await import('vega-lite');
	const { parse, View } = await import('vega');
	const wanted = rows.filter(
		({ runs, case: { locks, concurrency, authentication, faults } }) =>
			runs.length > 0 &&
			locks >= 100 &&
			concurrency === (locks > 500 ? 500 : 50) &&
			authentication === 'token' &&
			faults === 0,
	);
	const values = wanted.flatMap((row) => {
		const { locks, latency } = row.case;
		const common = { locks, contender: row.contender, latency: `${latency} ms latency` };
		return [
			{ ...common, measure: 'locks a second', value: rate(row).median },
			{
				...common,
				measure: 'peak memory (MiB)',
				value: median(row, 'peakMemory'),
			},
		];
	});
	const { spec } = compile({
		background: 'white',
		data: { values },
		facet: {
			row: { field: 'measure', title: null },
			column: { field: 'latency', title: null },
		},
		resolve: { scale: { y: 'independent' } },
		spec: {
			width: 380,
			height: 240,
			mark: { type: 'line', point: true },
			encoding: {
				x: {
					field: 'locks',
					type: 'quantitative',
					scale: { type: 'log' },
					title: 'locks (at most 500 at once)',
				},
				y: { field: 'value', type: 'quantitative', scale: { type: 'log' }, title: null },
				color: { field: 'contender', type: 'nominal', scale: { scheme: 'dark2' } },
				shape: { field: 'contender', type: 'nominal' },
			},
		},
	});
	return await new View(parse(spec), { renderer: 'none' }).toSVG();
}
