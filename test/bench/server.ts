import { faults, KooDriveSimulator } from '../simulator';

/*
 * The server of the benchmark, in a process of its own: the simulator, told what to do by messages.
 */

/** What the benchmark asks for before a run. */
export interface Prepare {
	locks: number;
	latency: number;
	faults: number;
}

/** What it gets. */
export interface Prepared {
	endpoint: string;
	lockIds: string[];
	account: KooDriveSimulator['account'];
}

/** What the server has seen since. */
export interface Seen {
	mostConnections: number;
	connections: number;
}

async function main(): Promise<void> {
	const simulator = await new KooDriveSimulator().start();
	simulator.keepsRequests = false;
	process.on('message', (message: Prepare | 'seen') => {
		if (message === 'seen') {
			const { mostConnections, connections } = simulator;
			process.send?.({ mostConnections, connections } satisfies Seen);
			return;
		}
		simulator.latency = message.latency;
		simulator.mostConnections = 0;
		simulator.connections = 0;
		const failed = new Set<string>();
		simulator.faultFor = ({ headers }) => {
			const lockId = String(headers['x-backup-lock-id']);
			if (message.faults === 0 || failed.has(lockId)) return undefined;
			failed.add(lockId);
			// Every twentieth lock, the same ones for everybody.
			return failed.size % Math.round(1 / message.faults) === 0 ? faults.status(503) : undefined;
		};
		const lockIds = Array.from({ length: message.locks }, () => simulator.locks.create('100'));
		const { endpoint, account } = simulator;
		process.send?.({ endpoint, lockIds, account } satisfies Prepared);
	});
	process.on('disconnect', () => process.exit(0));
}

void main();
