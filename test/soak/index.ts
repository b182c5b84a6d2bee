import { parseArgs } from 'node:util';

import { runProgram } from '../program';
import { leases } from './leases';
import { nights } from './nights';
import { renewals } from './renewals';
import { generator } from './unreliable';

/*
 * npm run soak: simulated days with a service that fails at random in all ways, is unavailable for 1 to 30 seconds
 * again and again, and with an n8n whose clock is wrong and jumps. No renewal may fail, and no lock may expire.
 * Then simulated nights of backups: what is completed must be complete, and nothing may be left.
 *
 *     npm run soak -- --only renewals --seed 1 --locks 100 --hours 1
 *     npm run soak -- --only nights --seed 1 --nights 10
 */

/** What a soak is started with. */
export interface SoakOptions {
	random: () => number;
	/** By default, as many as take about 15 minutes in 24 hours. */
	locks: number | undefined;
	hours: number;
	nights: number;
}

const SOAKS = { renewals, leases, nights };

async function main(): Promise<number> {
	const type = 'string';
	const { values } = parseArgs({
		options: {
			only: { type },
			seed: { type },
			locks: { type },
			hours: { type },
			nights: { type },
		},
	});
	const { only, locks, hours = 24, nights: nightCount = 100 } = values;
	const { seed = Math.floor(Math.random() * 2 ** 31) } = values;
	if (only !== undefined && !Object.hasOwn(SOAKS, only)) {
		throw new Error(`--only takes one of ${Object.keys(SOAKS).join(', ')}`);
	}
	let failures = 0;
	for (const [name, soak] of Object.entries(SOAKS)) {
		if (only !== undefined && only !== name) continue;
		const length =
			name === 'nights' ? `${nightCount} simulated nights` : `${hours} simulated hours`;
		console.log(`\nSoak of ${name}, ${length}, seed ${seed}`);
		const random = generator(Number(seed));
		const passed = await soak({
			random,
			locks: locks === undefined ? undefined : Number(locks),
			hours: Number(hours),
			nights: Number(nightCount),
		});
		console.log(passed ? 'Passed' : 'FAILED');
		if (!passed) failures++;
	}
	return failures;
}

runProgram(main);
