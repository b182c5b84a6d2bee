import type { TopLevelSpec } from 'vega-lite' with { 'resolution-mode': 'import' };

import { LATENCIES } from './cases';
import type { Row } from './row';
import { median, rate } from './row';

const title = (latency: number) => `${latency} ms round trip`;

/** Draws locks per second and peak memory over https, for each contender and concurrency, as SVG. */
export async function plot(rows: Row[]): Promise<string> {
	const wanted = rows.filter(
		({ contender, runs, case: { scheme, locks, latency, concurrency, authentication, faults } }) =>
			runs.length > 0 &&
			contender !== 'socket' &&
			scheme === 'https' &&
			locks === 1_000 &&
			concurrency <= (latency === 0 ? 1_000 : 500) &&
			// Its concurrency is the same in every case, so one case is enough.
			(contender !== 'http-request' || concurrency === 500) &&
			authentication === 'token' &&
			faults === 0,
	);
	const values = wanted.flatMap((row) => {
		const { latency, concurrency } = row.case;
		const common = {
			contender: row.contender,
			latency: title(latency),
			concurrency: row.contender === 'http-request' ? 'all' : String(concurrency),
		};
		return [
			{ ...common, measure: 'locks per second', value: rate(row).median },
			{ ...common, measure: 'peak memory (MiB)', value: median(row, 'peakMemory') },
		];
	});
	return await renderSvg({
		background: 'white',
		data: { values },
		facet: {
			row: { field: 'measure', title: null },
			column: { field: 'latency', title: null, sort: LATENCIES.map(title) },
		},
		resolve: { scale: { y: 'independent' } },
		spec: {
			width: 300,
			height: 200,
			mark: 'bar',
			encoding: {
				x: {
					field: 'concurrency',
					type: 'nominal',
					sort: ['50', '500', '1000', 'all'],
					title: 'concurrency (1,000 locks over https)',
				},
				xOffset: { field: 'contender', type: 'nominal' },
				y: { field: 'value', type: 'quantitative', title: null },
				color: { field: 'contender', type: 'nominal', scale: { scheme: 'dark2' } },
			},
		},
	});
}

/** Draws a plot as SVG. */
export async function renderSvg(plotted: TopLevelSpec): Promise<string> {
	const { compile } = await import('vega-lite');
	const { parse, View } = await import('vega');
	return await new View(parse(compile(plotted).spec), { renderer: 'none' }).toSVG();
}
