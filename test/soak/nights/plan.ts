import { SECOND } from '../../time';
import { FIRST_NODE, DELETE_OLD } from './workflows';

/** What goes wrong in a night, in addition to single requests that fail. */
export interface NightPlan {
	/** Seconds that a link of the object store can be used. */
	linkLifetime: number;
	line: NightLine;
	/** Whether connections to the store stall or are forgotten, too. */
	isLossy: boolean;
	outages: Outage[];
	/** When the execution is stopped, if it is. */
	stop: { atRequest: number; delay: number } | undefined;
}

/** The line that all connections share. */
interface NightLine {
	megabits: number;
	/** Milliseconds. */
	roundTrip: number;
}

export interface Outage {
	of: 'KooDrive' | 'the store';
	/** It begins with this request of the night, counted from 1, or with the node that has this name. */
	begins: number | string;
	milliseconds: number;
}

/** About as many requests as a night has; what is planned for a later one doesn't occur. */
const REQUESTS = 85;

const LINES: readonly NightLine[] = [
	{ megabits: Infinity, roundTrip: SECOND },
	{ megabits: 100, roundTrip: 20 },
	{ megabits: 5, roundTrip: 150 },
	{ megabits: 1, roundTrip: 150 },
];

/** Links expire on their way: a link that is younger than half of its life is used, but arrives late. */
const SHORT_LINKS = { linkLifetime: 3, line: { megabits: 5, roundTrip: 2 * SECOND } };

/** A plan in which only single requests fail. */
export const NO_OUTAGES: NightPlan = {
	linkLifetime: 3_600,
	line: LINES[0]!,
	isLossy: false,
	outages: [],
	stop: undefined,
};

export function planNight(random: () => number): NightPlan {
	const atRequest = () => Math.ceil(random() * REQUESTS);
	const hasShortLinks = random() < 0.2;
	const line = LINES[Math.floor(random() * LINES.length)]!;
	const isLossy = random() < 0.4;
	const outages: Outage[] = [];
	const planOutage = (shortest: number, longest: number) => {
		const of = random() < 0.5 ? 'KooDrive' : 'the store';
		const milliseconds = shortest + random() * (longest - shortest);
		const node = random() < 0.5 ? FIRST_NODE : DELETE_OLD;
		outages.push({ of, begins: random() < 0.3 ? node : atRequest(), milliseconds });
	};
	// Together with what stalls, they take less than the nine minutes that a transfer waits for a success.
	if (random() < 0.6) planOutage(SECOND, 30 * SECOND);
	if (random() < 0.2) planOutage(SECOND, 30 * SECOND);
	if (!isLossy && random() < 0.25) planOutage(30 * SECOND, 300 * SECOND);
	return {
		...(hasShortLinks ? SHORT_LINKS : { linkLifetime: 3_600, line }),
		isLossy,
		outages,
		stop:
			random() < 0.2
				? { atRequest: atRequest(), delay: random() < 0.5 ? 0 : random() * 20 * SECOND }
				: undefined,
	};
}
