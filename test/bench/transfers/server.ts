import { readFileSync } from 'node:fs';

import { KooDriveSimulator } from '../../simulator';
import { SimulatedClock } from '../../simulator/clock';
import { Relay } from '../relay';

/*
 * The server of the transfers, in a separate process: KooDrive and its object store over https, each behind a relay
 * for the cases with latency. Its arguments are the files of its key and certificate.
 */

/** What is asked for before each measurement. */
interface PrepareTransfers {
	/** Milliseconds of a round trip. */
	latency: number;
}

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

async function prepare({ latency }: PrepareTransfers): Promise<PreparedTransfers> {
	await simulator?.stop();
	simulator = await new KooDriveSimulator(new SimulatedClock(), certificate).start();
	const { store, account, devices } = simulator;
	simulator.keepsRequests = store.keepsRequests = false;
	store.keeps = 'disk';
	const { deviceId } = devices.bind('n8n', 'bench', 'n8n');
	let { endpoint } = simulator;
	if (latency > 0) {
		endpoint = await relayTo(endpoint, latency);
		store.linkOrigin = await relayTo(store.endpoint, latency);
	}
	return { endpoint, account, deviceId };
}

async function relayTo(endpoint: string, latency: number): Promise<string> {
	const relay = await new Relay(Number(new URL(endpoint).port)).start();
	relay.roundTrip = latency;
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
