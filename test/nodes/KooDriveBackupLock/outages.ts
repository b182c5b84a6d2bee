import type { Executed } from '../../engine';
import { PacedClock } from '../../engine/pacedClock';
import type { Fault } from '../../simulator';
import { SimulatedClock } from '../../simulator/clock';
import type { KooDrive } from '../setup';
import { useKooDrive } from '../setup';

/*
 * Outages over real sockets: a server that is really closed and opened again on its port. Time runs faster
 * than on the wall, for the node's waits as well as for the service, and no faster than this machine can follow.
 */

export const SECOND = 1_000;

/** What a test of an outage works with; new for each test. */
export interface Outages {
	drive: KooDrive;
	clock: PacedClock;
}

/** Starts a simulated KooDrive, and a time that runs by itself, before each test of a file. */
export function useOutages(): Outages {
	const outages = { drive: useKooDrive({ clock: () => new SimulatedClock(0) }) } as Outages;
	beforeEach(async () => {
		const { drive } = outages;
		drive.simulator.keepsRequests = false;
		outages.clock = new PacedClock(drive.simulator.clock).start();
		await drive.engine.useClock(outages.clock);
	});
	afterEach(() => {
		outages.clock.end();
	});
	return outages;
}

/** How many locks were not renewed, for whatever reason. */
export function notRenewed({ json }: Executed): number {
	return json('Next').filter(({ code }) => code !== 0).length;
}

/** Lets something happen when a number of requests has come. */
export function afterRequests(count: number, happen: () => void): () => Fault | undefined {
	let seen = 0;
	return () => {
		if (++seen === count) happen();
		return undefined;
	};
}
