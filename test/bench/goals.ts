import type { Case, Contender } from './cases';
import type { Row } from './row';
import { describeCase, median, rowOf } from './row';

/** A goal of the node's performance, and what was measured. */
export interface Goal {
	goal: string;
	figure: string;
	reached: boolean;
}

const plain: Partial<Case> = { scheme: 'https', authentication: 'token', faults: 0 };

/** Compares the measurements with the goals. Goals whose cases weren't measured are left out. */
export function judge(rows: Row[]): Goal[] {
	return [
		asFastAs('helper-expression', 0.97),
		asFastAs(
			'http-request',
			1,
			({ scheme, locks, concurrency, latency }) =>
				scheme === 'https' && concurrency >= locks && latency === 0,
		),
		oneLock,
		fewerConnections,
		lessMemory,
		complete,
		proportional,
	]
		.map((goal) => goal(rows))
		.filter((goal) => goal !== undefined);
}

function asFastAs(
	contender: Contender,
	least: number,
	isMeant: (situation: Case) => boolean = () => true,
): (rows: Row[]) => Goal | undefined {
	return (rows) => {
		const ratios = rows
			.filter((row) => row.contender === 'node' && row.case.locks >= 1_000 && isMeant(row.case))
			.flatMap((node) => {
				const other = rowOf(rows, contender, node.case);
				if (other === undefined) return [];
				const ratio = median(other, 'seconds') / median(node, 'seconds');
				return [{ where: describeCase(node.case), ratio }];
			});
		const where =
			contender === 'http-request' ? 'at equal connections' : 'in every case from 1,000 locks on';
		return judgeRatios(`node/${contender} at least ${least} ${where}`, least, ratios);
	};
}

/** How many times as fast as another contender the node was in a case. */
export interface Ratio {
	ratio: number;
	/** The case in a few words. */
	where: string;
}

/** Judges by the worst ratio. Without ratios, there is nothing to judge. */
export function judgeRatios(goal: string, least: number, ratios: Ratio[]): Goal | undefined {
	const [worst] = [...ratios].sort((one, other) => one.ratio - other.ratio);
	if (worst === undefined) return undefined;
	const missed = ratios.filter(({ ratio }) => ratio < least).length;
	return {
		goal,
		figure: `worst ${worst.ratio.toFixed(2)} (${worst.where}); below ${least} in ${missed} of ${ratios.length} cases`,
		reached: missed === 0,
	};
}

function oneLock(rows: Row[]): Goal | undefined {
	const situation = { ...plain, locks: 1 };
	const pairs = [0, 50, 150].map((latency) => [
		rowOf(rows, 'node', { ...situation, latency }),
		rowOf(rows, 'helper', { ...situation, latency }),
	]);
	const over = pairs.flatMap(([node, helper]) =>
		node === undefined || helper === undefined
			? []
			: [(median(node, 'cpuSeconds') - median(helper, 'cpuSeconds')) * 1000],
	);
	if (over.length === 0) return undefined;
	return {
		goal: 'a single lock takes less than 1 ms of CPU more than with the helper',
		figure: over.map((milliseconds) => `${milliseconds.toFixed(2)} ms`).join(', '),
		reached: over.every((milliseconds) => milliseconds < 1),
	};
}

const many: Partial<Case> = { ...plain, locks: 10_000, latency: 50, concurrency: 500 };

function against(
	rows: Row[],
	goal: string,
	key: 'mostConnections' | 'peakMemory',
	unit: string,
): Goal | undefined {
	const of = (contender: Contender) => {
		const row = rowOf(rows, contender, many);
		return row === undefined ? undefined : median(row, key);
	};
	const [node, httpRequest] = [of('node'), of('http-request')];
	if (node === undefined || httpRequest === undefined) return undefined;
	const text = (value: number) => value.toFixed(0);
	return {
		goal: `10,000 locks, 50 ms round trip, 500 at a time: ${goal}`,
		figure: `${text(node)} ${unit} against ${text(httpRequest)}`,
		reached: node <= httpRequest && (key !== 'mostConnections' || node <= 505),
	};
}

const fewerConnections = (rows: Row[]) =>
	against(
		rows,
		'at most 500 connections, plus those being closed',
		'mostConnections',
		'connections',
	);
const lessMemory = (rows: Row[]) => against(rows, 'less peak memory', 'peakMemory', 'MiB');

function complete(rows: Row[]): Goal | undefined {
	const most = rows.filter(
		({ contender, case: { locks } }) => contender === 'node' && locks === 50_000,
	);
	if (most.length === 0) return undefined;
	const failures = most.flatMap(({ runs }) => runs.map((run) => run.failures));
	return {
		goal: '50,000 locks without a failure',
		figure: `${failures.reduce((sum, count) => sum + count, 0)} failures in ${failures.length} runs`,
		reached: failures.every((count) => count === 0),
	};
}

function proportional(rows: Row[]): Goal | undefined {
	const situation = { ...plain, latency: 0, concurrency: 500 };
	const [few, many] = [1_000, 50_000].map((locks) => rowOf(rows, 'node', { ...situation, locks }));
	if (few === undefined || many === undefined) return undefined;
	const time = median(many, 'seconds') / median(few, 'seconds');
	const memory = median(many, 'peakMemory') / median(few, 'peakMemory');
	return {
		goal: '50 times the locks take at most 50 times the time and memory',
		figure: `${time.toFixed(1)} times the time, ${memory.toFixed(1)} times the memory`,
		reached: time <= 50 && memory <= 50,
	};
}
