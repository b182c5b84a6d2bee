import { readFileSync } from 'node:fs';

import { faults, KooDriveSimulator } from '../simulator';
import { SimulatedClock } from '../simulator/clock';
import { Relay } from './relay';

/*
 * The server of the benchmark, in a separate process: the simulator over https and over http, each behind a relay
 * for the cases with latency. Its arguments are the files of its key and certificate.
 */

/** What the benchmark asks for before each measurement. */
export interface Prepare {
	scheme: 'http' | 'https';
	locks: number;
	/** Milliseconds of a round trip. */
	latency: number;
	/** The share of the first attempts that fail with HTTP 503. */
	faults: number;
	/** How many backup records there are. */
	records?: number;
}

/** What it gets. */
export interface Prepared {
	endpoint: string;
	lockIds: string[];
	/** The same service without latency, and locks for the warm-up. */
	nearby: string;
	warmUpLockIds: string[];
	account: KooDriveSimulator['account'];
}

/** What the server has noticed since. */
export interface Seen {
	mostConnections: number;
	connections: number;
	requests: number;
	/** The longest time between two renewals of the same lock, in milliseconds. */
	longestGap: number;
}

const LOCKS_TO_WARM_UP = 50;

class Observed {
	requests = 0;
	longestGap = 0;
	private readonly renewedAt = new Map<string, number>();

	note(lockId: string): void {
		this.requests++;
		const now = performance.now();
		this.longestGap = Math.max(this.longestGap, now - (this.renewedAt.get(lockId) ?? now));
		this.renewedAt.set(lockId, now);
	}
}

async function main(): Promise<void> {
	const [keyFile, certificateFile] = process.argv.slice(2);
	const certificate = { key: readFileSync(keyFile!), cert: readFileSync(certificateFile!) };
	const simulators = {
		http: await new KooDriveSimulator().start(),
		https: await new KooDriveSimulator(new SimulatedClock(), certificate).start(),
	};
	const relays = {
		http: await new Relay(Number(new URL(simulators.http.endpoint).port)).start(),
		https: await new Relay(Number(new URL(simulators.https.endpoint).port)).start(),
	};
	let simulator = simulators.https;
	let observed = new Observed();

	function prepare({ scheme, locks, latency, faults: share, records = 0 }: Prepare): Prepared {
		simulator = simulators[scheme];
		const relay = relays[scheme];
		observed = new Observed();
		relay.roundTrip = latency;
		simulator.keepsRequests = false;
		simulator.mostConnections = 0;
		simulator.connections = 0;
		const failed = new Set<string>();
		simulator.faultFor = ({ headers }) => {
			const lockId = String(headers['x-backup-lock-id']);
			observed.note(lockId);
			if (share === 0 || failed.has(lockId)) return undefined;
			failed.add(lockId);
			// The same locks for every contender.
			return failed.size % Math.round(1 / share) === 0 ? faults.status(503) : undefined;
		};
		const create = (length: number) => Array.from({ length }, () => simulator.locks.create('100'));
		simulator.records.records.clear();
		for (let count = 0; count < records; count++) {
			simulator.records.create('100', 'file-server-1', { properties: '{"source":"nightly"}' });
		}
		const { account, endpoint: nearby } = simulator;
		const endpoint = latency > 0 ? `${scheme}://127.0.0.1:${relay.listensAt}` : nearby;
		return {
			endpoint,
			lockIds: create(locks),
			nearby,
			warmUpLockIds: create(LOCKS_TO_WARM_UP),
			account,
		};
	}

	process.on('message', (message: Prepare | 'seen') => {
		if (message !== 'seen') return process.send?.(prepare(message));
		const { mostConnections, connections } = simulator;
		const { requests, longestGap } = observed;
		return process.send?.({ mostConnections, connections, requests, longestGap } satisfies Seen);
	});
	process.on('disconnect', () => process.exit(0));
}

void main();
