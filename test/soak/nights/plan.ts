import { SECOND } from '../../time';
import { FIRST_NODE, DELETE_OLD } from './workflows';

/** What goes wrong in a night, in addition to single requests that fail. */
export interface NightPlan {
	/** Seconds that a link of the object store can be used. */
	linkLifetime: number;
	/** How many times slower than usual everything is. */
	slowness: number;
	outages: Outage[];
	/** When the execution is stopped, if it is. */
	stop: { atRequest: number; delay: number } | undefined;
}

export interface Outage {
	of: 'KooDrive' | 'the store';
	/** It begins with this request of the night, counted from 1, or with the node that has this name. */
	begins: number | string;
	milliseconds: number;
}

/** About as many requests as a night has; what is planned for a later one doesn't occur. */
const REQUESTS = 85;

/** A plan in which only single requests fail. */
export const NO_OUTAGES: NightPlan = {
	linkLifetime: 3_600,
	slowness: 1,
	outages: [],
	stop: undefined,
};

export function planNight(random: () => number): NightPlan {
	const atRequest = () => Math.ceil(random() * REQUESTS);
	const hasShortLinks = random() < 0.2;
	const isSlow = !hasShortLinks && random() < 0.2;
	const outages: Outage[] = [];
	const planOutage = (shortest: number, longest: number) => {
		const of = random() < 0.5 ? 'KooDrive' : 'the store';
		const milliseconds = shortest + random() * (longest - shortest);
		const node = random() < 0.5 ? FIRST_NODE : DELETE_OLD;
		outages.push({ of, begins: random() < 0.3 ? node : atRequest(), milliseconds });
	};
	// Together they take less than the nine minutes that a transfer waits for a success.
	if (random() < 0.6) planOutage(SECOND, 30 * SECOND);
	if (random() < 0.2) planOutage(SECOND, 30 * SECOND);
	if (random() < 0.25) planOutage(30 * SECOND, 300 * SECOND);
	return {
		linkLifetime: hasShortLinks ? 20 : 3_600,
		slowness: isSlow ? 8 : 1,
		outages,
		stop:
			random() < 0.2
				? { atRequest: atRequest(), delay: random() < 0.5 ? 0 : random() * 20 * SECOND }
				: undefined,
	};
}
