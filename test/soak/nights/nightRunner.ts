import type { Engine, Executed, WorkflowJson } from '../../engine';
import { deleteBinaryData } from '../../engine/files';
import type { FakeClock } from '../../engine/fakeClock';
import { until } from '../../until';
import type { UnreliableKooDrive } from '../unreliable';
import { Night } from './night';
import type { NightPlan } from './plan';
import { UnreliableStore } from './unreliableStore';
import type { Workflows } from './workflows';

/** Bytes. */
const MEGABIT = 125_000;

/** What the nights have in common. */
export interface NightParts {
	drive: UnreliableKooDrive;
	engine: Engine;
	clock: FakeClock;
	workflows: Workflows;
	/** Decides what happens to single requests. */
	random: () => number;
}

/** Runs workflows in nights in which much goes wrong. */
export class NightRunner {
	private current: Night | undefined;

	private lastExecutionId: string | undefined;

	private readonly store: UnreliableStore;

	constructor(private readonly parts: NightParts) {
		const { drive, random } = parts;
		const { simulator } = drive;
		this.store = new UnreliableStore(simulator.store, random, (what) => drive.count(what));
		const drawFault = simulator.faultFor;
		simulator.faultFor = (request) => {
			this.current?.onRequest(request);
			const fault = drawFault(request);
			this.current?.onFault(fault);
			return fault;
		};
		const drawStoreFault = simulator.store.faultFor;
		simulator.store.faultFor = (request) => {
			this.current?.onStoreRequest();
			return drawStoreFault(request);
		};
	}

	/**
	 * Runs a workflow to its end, and waits until its nodes have cleaned up and all outages are over.
	 *
	 * @param check looks at what came of it, before its binary data are deleted
	 */
	async run(
		workflow: WorkflowJson,
		plan: NightPlan,
		check: (executed: Executed, night: Night) => Promise<void>,
	): Promise<void> {
		const { drive, engine, clock, workflows } = this.parts;
		const { line, store } = drive.simulator;
		store.linkLifetime = plan.linkLifetime;
		this.store.isLossy = plan.isLossy;
		const { megabits, roundTrip } = plan.line;
		Object.assign(line, { up: megabits * MEGABIT, down: megabits * MEGABIT, roundTrip });
		drive.count(`nights and restores at ${megabits} Mbit/s${plan.isLossy ? ', lossy' : ''}`);
		const night = new Night({ ...this.parts, store: this.store }, plan);
		this.current = night;
		workflows.hasUnreadableFile = false;
		workflows.onNodeStart = (name) => night.onNodeStart(name);
		const { accessToken, userId } = drive.simulator.account;
		const credential = { endpoint: drive.simulator.endpoint, accessToken, userId };
		const execution = await engine.start(workflow, credential);
		night.cancel = execution.cancel;
		const executed = await execution.finished;
		await until('the nodes have cleaned up', () => workflows.executing === 0);
		await night.end(workflows.endedAt);
		this.store.countExpiredLinks();
		await check(executed, night);
		// A stopped download may still be closing its file, so the data are deleted an execution later.
		if (this.lastExecutionId !== undefined) await deleteBinaryData(this.lastExecutionId);
		this.lastExecutionId = execution.id;
		workflows.forgetFiles();
		clock.sleeps.length = 0;
		engine.log.length = 0;
	}
}
