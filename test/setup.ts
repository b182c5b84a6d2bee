import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	INode,
	JsonObject,
} from 'n8n-workflow';

import { leaseRegistry } from '#dist/nodes/shared/leases/leaseRegistry';
import type { Executed, WorkflowJson } from './engine';
import { Engine, NODE_TYPE, BACKUP_NODE_TYPE, workflowOf } from './engine';
import type { ClockMode } from './engine/fakeClock';
import { FakeClock } from './engine/fakeClock';
import { standIns } from './engine/standIns';
import { KooDriveSimulator } from './simulator';
import { SimulatedClock } from './simulator/clock';
import { SECOND } from './time';

export { DAY, HOUR, MINUTE, SECOND } from './time';

export const continueOnFail = { onError: 'continueRegularOutput' } as const;
export const continueWithErrorOutput = { onError: 'continueErrorOutput' } as const;

/** What a test of the nodes works with; new for each test. */
export interface KooDrive {
	simulator: KooDriveSimulator;
	engine: Engine;
	clock: FakeClock;
	/** A credential that the simulator accepts. */
	credential: ICredentialDataDecryptedObject;
	/** Creates this many locks and returns an item for each. */
	locks: (count: number) => Array<{ lockId: string }>;
	/** Runs the lock node on the items, by default with Renew and the setting On Error at "Stop Workflow". */
	run: (
		items: IDataObject[],
		parameters?: IDataObject,
		settings?: Partial<INode>,
	) => Promise<Executed>;
	/** Runs the backup node, by default with the resource Record on one empty item. */
	runRecord: (
		parameters: IDataObject,
		items?: IDataObject[],
		settings?: Partial<INode>,
	) => Promise<Executed>;
	/** Starts a server of the test's own on loopback, makes it the endpoint, and closes it after the test. */
	listen: (server: Server, scheme?: 'http' | 'https') => Promise<void>;
}

/**
 * Starts a simulated KooDrive and an engine before each test of a file, and stops them after it.
 *
 * @param mode how time passes; with `real`, the nodes use the machine's clock
 */
export function useKooDrive(mode: ClockMode | 'real' = 'automatic'): KooDrive {
	const drive = {} as KooDrive;
	let server: (Server & { closeAllConnections?: () => void }) | undefined;
	beforeEach(async () => {
		const service = new SimulatedClock(mode === 'real' ? 1 : 0);
		drive.simulator = await new KooDriveSimulator(service).start();
		drive.engine = await Engine.load();
		drive.clock = new FakeClock(service, mode === 'real' ? 'automatic' : mode);
		if (mode !== 'real') await drive.engine.useClock(drive.clock);
		const { accessToken, userId } = drive.simulator.account;
		drive.credential = { endpoint: drive.simulator.endpoint, accessToken, userId };
	});
	drive.locks = (count) =>
		Array.from({ length: count }, () => ({ lockId: drive.simulator.locks.create('100') }));
	drive.run = async (items, parameters, settings) =>
		await drive.engine.run(workflowOf(items, parameters, settings), drive.credential);
	drive.runRecord = async (parameters, items = [{}], settings = {}) =>
		await drive.run(items, withLocators({ resource: 'record', ...parameters }), {
			type: BACKUP_NODE_TYPE,
			...settings,
		});
	drive.listen = async (started, scheme = 'http') => {
		server = started.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as AddressInfo;
		drive.credential.endpoint = `${scheme}://127.0.0.1:${port}`;
	};
	afterEach(async () => {
		drive.clock.end();
		server?.closeAllConnections?.();
		server?.close();
		server = undefined;
		await drive.simulator.stop();
	});
	return drive;
}

/** A resource locator as the editor stores it after the user has entered an ID. */
export function byId(value: string): IDataObject {
	return { __rl: true, mode: 'id', value };
}

/** Makes locators of the fields that are some in the editor. */
export function withLocators(parameters: IDataObject): IDataObject {
	const ids = ['deviceId', 'recordId'].flatMap((name) => {
		const value = parameters[name];
		return typeof value === 'string' ? [[name, byId(value)]] : [];
	});
	return { ...parameters, ...(Object.fromEntries(ids) as IDataObject) };
}

/** Makes the lock node run as in an n8n that doesn't tell nodes that the execution ends. */
export function withoutFinishHandler({ engine }: KooDrive): void {
	const { description, execute } = engine.node;
	engine.addNode(NODE_TYPE, {
		description,
		async execute(this: IExecuteFunctions) {
			const older = Object.create(this, { onExecutionFinish: { value: undefined } });
			return await execute!.call(older as IExecuteFunctions);
		},
	});
}

/** A credential for App Authentication that the simulator accepts. */
export function appCredential({ simulator }: KooDrive): ICredentialDataDecryptedObject {
	const { appId, appSecret, userId } = simulator.account;
	return { endpoint: simulator.endpoint, authentication: 'app', appId, appSecret, userId };
}

/** The error that stopped an execution, as n8n stores it. */
export function errorOf({ run }: Executed): JsonObject & { message: string; description: string } {
	const { error } = run.data.resultData;
	if (error === undefined) throw new Error('the execution did not fail');
	return error as unknown as JsonObject & { message: string; description: string };
}

/** How many locks were not renewed, for whatever reason. */
export function notRenewed({ json }: Executed): number {
	return json('Next').filter(({ code }) => code !== 0).length;
}

export const LOCK_ID = 'a@100';

/** What the workflow under test consists of beside Keep Alive and the node "Backup". */
interface Parts {
	options?: IDataObject;
	/** The operations of the nodes that follow; `backup` runs the node "Backup" once more. */
	then?: string[];
	items?: IDataObject[];
	settings?: Partial<INode>;
}

/** What a test of Keep Alive works with; new for each test. */
export interface Lease {
	drive: KooDrive;
	/** The time at which the test began, by the service's clock. */
	began: number;
	/** The requests that were sent, each as its method and the second at which it arrived. */
	sent: string[];
	/** Decides on a fault for each request. */
	faultFor: KooDrive['simulator']['faultFor'];
	/** A workflow of Keep Alive, of the node "Backup", which does what the test says, and of the nodes that follow. */
	workflow: (backup: () => Promise<void>, parts?: Parts) => WorkflowJson;
	/** Runs that workflow to its end. */
	run: (backup: () => Promise<void>, parts?: Parts) => Promise<Executed>;
}

/** Creates a lock before each test of a file, and checks after it that no lease is left. Time stands still. */
export function useLease(): Lease {
	let failedExpectation: Error | undefined;
	// Before the hook that aborts all sleeps, which would end a lease that was left behind.
	afterEach(() => {
		// n8n makes the error of a node out of an expectation that failed in it.
		if (failedExpectation !== undefined) throw failedExpectation;
		expect(leaseRegistry.size).toEqual({ executions: 0, leases: 0 });
	});
	const drive = useKooDrive('manual');
	const lease = { drive } as Lease;
	lease.workflow = (backup, parts) => {
		const noteFailedExpectation = async () => {
			try {
				await backup();
			} catch (error) {
				if (error instanceof Error && 'matcherResult' in error) failedExpectation ??= error;
				throw error;
			}
		};
		return leaseWorkflow(drive, noteFailedExpectation, parts);
	};
	lease.run = async (...given) =>
		await drive.engine.run(lease.workflow(...given), drive.credential);
	beforeEach(() => {
		failedExpectation = undefined;
		drive.clock.random = () => 0;
		drive.simulator.locks.create('100', LOCK_ID);
		lease.began = drive.simulator.clock.now();
		lease.sent = [];
		lease.faultFor = () => undefined;
		drive.simulator.faultFor = (request) => {
			const second = Math.round((drive.simulator.clock.now() - lease.began) / SECOND);
			lease.sent.push(`${request.method} ${second}`);
			return lease.faultFor(request);
		};
	});
	return lease;
}

function leaseWorkflow(
	{ engine }: KooDrive,
	backup: () => Promise<void>,
	{ options = {}, then = [], items = [{ lockId: LOCK_ID }], settings = {} }: Parts = {},
): WorkflowJson {
	engine.addNode('test.backup', {
		description: standIns['n8n-nodes-base.noOp']!.description,
		async execute(this: IExecuteFunctions) {
			await backup();
			return [this.getInputData()];
		},
	});
	const workflow = workflowOf(items, { operation: 'keepAlive', options }, settings);
	const node = (name: string, type: string, parameters = {}): INode => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters,
	});
	const lockId = "={{ $('Items').item.json.lockId }}";
	workflow.nodes.push(
		node('Backup', 'test.backup'),
		...then.map((operation) =>
			operation === 'backup'
				? node(operation, 'test.backup')
				: node(operation, NODE_TYPE, { operation, lockId }),
		),
	);
	['Next', 'Backup', ...then].reduce((from, to) => {
		workflow.connections[from] = { main: [[{ node: to, type: 'main', index: 0 }]] };
		return to;
	});
	return workflow;
}
