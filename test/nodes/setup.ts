import type { ICredentialDataDecryptedObject, IDataObject, INode, JsonObject } from 'n8n-workflow';

import type { Executed } from '../engine';
import { Engine, workflowOf } from '../engine';
import { TestClock } from '../engine/testClock';
import { KooDriveSimulator } from '../simulator';
import { SimulatedClock } from '../simulator/clock';

/** What a test of the node works with; new for each test. */
export interface KooDrive {
	simulator: KooDriveSimulator;
	engine: Engine;
	clock: TestClock;
	/** A credential that the simulator accepts. */
	credential: ICredentialDataDecryptedObject;
	/** Makes this many locks and gives an item for each. */
	locks: (count: number) => Array<{ lockId: string }>;
	/** Runs the node on the items, with Continue On Fail off unless the settings say otherwise. */
	run: (
		items: IDataObject[],
		parameters?: IDataObject,
		settings?: Partial<INode>,
	) => Promise<Executed>;
}

/**
 * Starts a simulated KooDrive and an engine before each test of a file, and stops them after it.
 *
 * @param options `realTime` lets the node wait for real; `clock` makes the service's clock
 */
export function useKooDrive({
	realTime = false,
	clock = () => new SimulatedClock(),
} = {}): KooDrive {
	const drive = {} as KooDrive;
	beforeEach(async () => {
		drive.simulator = await new KooDriveSimulator(clock()).start();
		drive.engine = await Engine.load();
		drive.clock = new TestClock(drive.simulator.clock);
		if (!realTime) await drive.engine.useClock(drive.clock);
		const { accessToken, userId } = drive.simulator.account;
		drive.credential = { endpoint: drive.simulator.endpoint, accessToken, userId };
		drive.locks = (count) =>
			Array.from({ length: count }, () => ({ lockId: drive.simulator.locks.create('100') }));
		drive.run = async (items, parameters, settings) =>
			await drive.engine.run(workflowOf(items, parameters, settings), drive.credential);
	});
	afterEach(async () => {
		drive.clock.end();
		await drive.simulator.stop();
	});
	return drive;
}

/** A credential that signs, and that the simulator accepts. */
export function appCredential({ simulator }: KooDrive): ICredentialDataDecryptedObject {
	const { appId, appSecret, userId } = simulator.account;
	return { endpoint: simulator.endpoint, authentication: 'app', appId, appSecret, userId };
}

/** The error that stopped a run, as n8n stores it. */
export function errorOf({ run }: Executed): JsonObject & { message: string; description: string } {
	const { error } = run.data.resultData;
	if (error === undefined) throw new Error('the run did not fail');
	return error as unknown as JsonObject & { message: string; description: string };
}

export const continueOnFail = { onError: 'continueRegularOutput' } as const;
export const continueWithErrorOutput = { onError: 'continueErrorOutput' } as const;
