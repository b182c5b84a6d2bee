import { readFileSync } from 'node:fs';

import { KooDriveSimulator } from '../../simulator';
import { SimulatedClock } from '../../simulator/clock';
import { Line, Relay } from '../relay';
import type { TransferCase } from './cases';

/*
 * The server of the transfers, in a separate process: KooDrive and its object store over https, each behind a relay
 * for the cases with latency. Its arguments are the files of its key and certificate.
 */

/** What is asked for before each measurement. */
export type PrepareTransfers = Pick<TransferCase, 'latency' | 'bandwidth' | 'loss'>;

/** Bytes per millisecond. */
const MEGABIT = 125;

/** Bytes of a TCP segment. */
const SEGMENT = 1_460;

/** What it gets: an empty KooDrive. */
export interface PreparedTransfers {
	endpoint: string;
	account: KooDriveSimulator['account'];
	deviceId: string;
}

/** What the server has noticed since. */
export interface TransfersSeen {
	connections: number;
	mostConnections: number;
	/** How many files each completed record lists, in order. */
	filesOfRecords: number[];
}

const [keyFile, certificateFile] = process.argv.slice(2);
const certificate = { key: readFileSync(keyFile!), cert: readFileSync(certificateFile!) };
let simulator: KooDriveSimulator | undefined;

async function prepare(situation: PrepareTransfers): Promise<PreparedTransfers> {
	await simulator?.stop();
	simulator = await new KooDriveSimulator(new SimulatedClock(), certificate).start();
	const { store, account, devices } = simulator;
	simulator.keepsRequests = store.keepsRequests = false;
	store.keeps = 'disk';
	const { deviceId } = devices.bind('n8n', 'bench', 'n8n');
	let { endpoint } = simulator;
	if (situation.latency > 0) {
		const { bandwidth = Infinity } = situation;
		const lines = [new Line(bandwidth * MEGABIT), new Line(bandwidth * MEGABIT)] as const;
		endpoint = await relayTo(endpoint, situation, lines);
		store.linkOrigin = await relayTo(store.endpoint, situation, lines);
	}
	return { endpoint, account, deviceId };
}

async function relayTo(
	endpoint: string,
	{ latency, loss = 0 }: PrepareTransfers,
	lines: readonly [Line, Line],
): Promise<string> {
	const relay = await new Relay(Number(new URL(endpoint).port), ...lines).start();
	relay.roundTrip = latency;
	// What TCP gets of a line that loses segments. Source: Mathis et al., "The macroscopic behavior of the TCP congestion
	// avoidance algorithm", 1997.
	if (loss > 0) relay.connectionRate = (SEGMENT / latency) * (1.22 / Math.sqrt(loss));
	return `https://127.0.0.1:${relay.listensAt}`;
}

function look(): TransfersSeen {
	const { store, records, connections, mostConnections } = simulator!;
	const completed = [...records.records.values()].filter(({ status }) => status === 1);
	return {
		connections: connections + store.connections,
		mostConnections: mostConnections + store.mostConnections,
		filesOfRecords: completed.map(({ recordId }) => records.files.get(recordId)?.length ?? 0),
	};
}

process.on('message', (message: PrepareTransfers | 'seen') => {
	if (message === 'seen') process.send?.(look());
	else void prepare(message).then((prepared) => process.send?.(prepared));
});
process.on('disconnect', () => {
	void simulator?.stop().finally(() => process.exit(0));
});
