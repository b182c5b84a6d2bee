import type { IDataObject, IExecuteFunctions, INode } from 'n8n-workflow';

import { keeper } from '../../../dist/nodes/shared/keeper/keeper';
import type { Executed, WorkflowJson } from '../../engine';
import { NODE_TYPE, workflowOf } from '../../engine';
import { HeldClock } from '../../engine/heldClock';
import { standIns } from '../../engine/standIns';
import { SimulatedClock } from '../../simulator/clock';
import type { KooDrive } from '../setup';
import { useKooDrive } from '../setup';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const LOCK_ID = 'a@100';

/** What the workflow under test is made of beside Keep Alive and the step after it. */
interface Parts {
	options?: IDataObject;
	/** The operations of the steps that follow; `step` is the first one once more. */
	then?: string[];
	items?: IDataObject[];
	settings?: Partial<INode>;
}

/** What a test of Keep Alive works with; new for each test. */
export interface KeptLock {
	drive: KooDrive;
	/** Stands still, for the service too, unless a test lets time pass. */
	clock: HeldClock;
	/** When the test began, by that clock. */
	began: number;
	/** What was sent, and at which second. */
	sent: string[];
	/** What goes wrong with a request; nothing unless a test says so. */
	faultFor: KooDrive['simulator']['faultFor'];
	/** Keep Alive, then a step that does what a test says, then the steps that follow. */
	workflow: (step: () => Promise<void>, parts?: Parts) => WorkflowJson;
	/** Runs that workflow to its end. */
	run: (step: () => Promise<void>, parts?: Parts) => Promise<Executed>;
}

/** Makes a lock before each test of a file, and after it makes sure that nothing is kept any more. */
export function useKeptLock(): KeptLock {
	const drive = useKooDrive({ realTime: true, clock: () => new SimulatedClock(0) });
	const kept = { drive } as KeptLock;
	kept.workflow = (step, parts) => workflowWith(drive, step, parts);
	kept.run = async (...given) => await drive.engine.run(kept.workflow(...given), drive.credential);
	beforeEach(async () => {
		kept.clock = new HeldClock(drive.simulator.clock);
		await drive.engine.useClock(kept.clock);
		drive.simulator.locks.create('100', LOCK_ID);
		const began = (kept.began = drive.simulator.clock.now());
		kept.sent = [];
		kept.faultFor = () => undefined;
		drive.simulator.faultFor = (request) => {
			const second = Math.round((drive.simulator.clock.now() - began) / SECOND);
			kept.sent.push(`${request.method} ${second}`);
			return kept.faultFor(request);
		};
	});
	afterEach(() => expect(keeper.held).toEqual({ executions: 0, kept: 0 }));
	afterEach(() => {
		kept.clock.end();
	});
	return kept;
}

function workflowWith(
	drive: KooDrive,
	step: () => Promise<void>,
	{ options = {}, then = [], items = [{ lockId: LOCK_ID }], settings = {} }: Parts = {},
): WorkflowJson {
	drive.engine.addNode('test.backup', {
		description: standIns['n8n-nodes-base.noOp']!.description,
		async execute(this: IExecuteFunctions) {
			await step();
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
			operation === 'step'
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
