import type { IDataObject, INode } from 'n8n-workflow';

import type { WorkflowJson } from '../engine';
import type { KooDriveSimulator } from '../simulator';
import { MANUAL_TRIGGER, NODE_TYPE } from './workflows';

/** Seconds between two renewals: the least that the option takes. */
export const RENEW_EVERY = 10;

/** A step after the one that keeps the lock alive. */
export type Step = Pick<INode, 'type' | 'parameters' | 'webhookId'> & { typeVersion?: number };

export const wait = (seconds: number): Step => ({
	type: 'n8n-nodes-base.wait',
	typeVersion: 1.1,
	parameters: { amount: seconds, unit: 'seconds' },
});

/** Sleeps until somebody calls the address that the step before it hands on. */
export const waitForCall: Step[] = [
	{
		type: 'n8n-nodes-base.set',
		typeVersion: 3.4,
		parameters: {
			mode: 'raw',
			jsonOutput: '={{ { "resumeUrl": $execution.resumeUrl } }}',
			options: {},
		},
	},
	{
		type: 'n8n-nodes-base.wait',
		typeVersion: 1.1,
		parameters: { resume: 'webhook', options: {} },
		webhookId: 'resume',
	},
];

export const fail: Step = {
	type: 'n8n-nodes-base.stopAndError',
	parameters: { errorMessage: 'the backup failed' },
};

export const renew = (lockId: string): Step => ({
	type: NODE_TYPE,
	parameters: { operation: 'renew', lockId, options: {} },
});

/** A workflow that keeps a lock alive, and then goes through the steps. */
export function keepingAlive(
	lockId: string,
	steps: Step[],
	options: IDataObject = {},
	trigger: Step = { type: 'n8n-nodes-base.manualTrigger', parameters: {} },
): WorkflowJson {
	const keepAlive: Step = {
		type: NODE_TYPE,
		parameters: {
			operation: 'keepAlive',
			lockId,
			options: { renewEvery: RENEW_EVERY, ...options },
		},
	};
	const nodes = [trigger, keepAlive, ...steps].map(
		(step, index): INode => ({
			typeVersion: 1,
			...step,
			id: `${index}`,
			name: ([MANUAL_TRIGGER, 'Keep the lock alive'][index] ?? `Step ${index - 1}`) as string,
			position: [index * 240, 0],
		}),
	);
	const connections = Object.fromEntries(
		nodes
			.slice(1)
			.map(({ name }, index) => [
				nodes[index]!.name,
				{ main: [[{ node: name, type: 'main' as const, index: 0 }]] },
			]),
	);
	return { name: lockId, nodes, connections };
}

/** What reached the simulator for a lock: the method, and when, in milliseconds since the Unix epoch. */
export function sentFor(
	simulator: KooDriveSimulator,
	lockId: string,
): Array<{ method: string; at: number }> {
	return simulator.requests.filter(({ headers }) => headers['x-backup-lock-id'] === lockId);
}

/** Waits until it is sure that no renewal follows any more. */
export async function untilSilent(simulator: KooDriveSimulator, lockId: string): Promise<boolean> {
	const before = sentFor(simulator, lockId).length;
	await new Promise((resolve) => setTimeout(resolve, (RENEW_EVERY + 2) * 1000));
	return sentFor(simulator, lockId).length === before;
}
