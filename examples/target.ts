import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';

import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { KooDriveSimulator } from '../test/simulator';

/** The KooDrive that the demo sends requests to. */
export interface Target {
	described: string;
	credential: ICredentialDataDecryptedObject;
	lockId: string;
	stop: () => Promise<void>;
}

const OPTIONS = {
	endpoint: { type: 'string' },
	user: { type: 'string' },
	lock: { type: 'string' },
	'token-file': { type: 'string' },
	'keep-alive': { type: 'boolean' },
	backup: { type: 'boolean' },
} as const;

const USAGE = `
  npm run demo                      renews a lock of a simulated KooDrive
  npm run demo -- --keep-alive      holds a lock while a node runs for 35 seconds
  npm run demo -- --backup          backs up a folder of files, restores it, and compares
  npm run demo -- --lock <lock ID> --user <user ID> [--endpoint <address>] [--token-file <file>]
                                    renews a real lock; without a token file, it asks for the access token`;

/** What was asked for on the command line. */
export function parameters() {
	try {
		return parseArgs({ options: OPTIONS }).values;
	} catch (error) {
		throw new Error(`${(error as Error).message}\n${USAGE}`, { cause: error });
	}
}

/** Starts a simulated KooDrive with one lock. */
export async function simulated(): Promise<Target & { simulator: KooDriveSimulator }> {
	const simulator = await new KooDriveSimulator().start();
	const { accessToken, userId } = simulator.account;
	return {
		simulator,
		described: `a simulated KooDrive at ${simulator.endpoint}`,
		credential: { endpoint: simulator.endpoint, accessToken, userId },
		lockId: simulator.locks.create('102'),
		stop: async () => await simulator.stop(),
	};
}

/** Takes the real KooDrive that the command line names. */
export async function real({
	lock = '',
	user = '',
	endpoint = 'https://intl.myhuaweicloud-koodrive.com',
	'token-file': tokenFile,
}: ReturnType<typeof parameters>): Promise<Target> {
	if (lock === '' || user === '') {
		throw new Error(`To renew a real lock, give --lock and --user.\n${USAGE}`);
	}
	const accessToken =
		tokenFile === undefined ? await askForToken() : readFileSync(tokenFile, 'utf8');
	return {
		described: `KooDrive at ${endpoint}`,
		credential: { endpoint, accessToken: accessToken.trim(), userId: user },
		lockId: lock,
		stop: async () => undefined,
	};
}

/** A token on the command line would stay in the history of the shell, so it is entered here. */
async function askForToken(): Promise<string> {
	process.stdout.write('Access token (not shown, and not stored): ');
	const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
	const prompt = createInterface({ input: process.stdin, output: unseen, terminal: true });
	const token = await prompt.question('');
	prompt.close();
	process.stdout.write('\n');
	return token;
}
