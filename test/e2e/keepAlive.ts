import type { IDataObject } from 'n8n-workflow';

import type { WorkflowJson } from '../engine';
import type { KooDriveSimulator } from '../simulator';
import type { NodeJson } from './workflows';
import { MANUAL_TRIGGER, manualTrigger, NODE_TYPE, sequence } from './workflows';

/** Seconds between two renewals: the shortest interval that the option allows. */
export const RENEW_EVERY = 10;

export const wait = (seconds: number): NodeJson => ({
	type: 'n8n-nodes-base.wait',
	typeVersion: 1.1,
	parameters: { amount: seconds, unit: 'seconds' },
});

/** Waits for a request to the address that the node before it returns. */
export const waitForRequest: NodeJson[] = [
	{
		name: 'Get the address',
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

export const fail: NodeJson = {
	type: 'n8n-nodes-base.stopAndError',
	parameters: { errorMessage: 'the backup failed' },
};

export const renew = (lockId: string): NodeJson => ({
	type: NODE_TYPE,
	parameters: { operation: 'renew', lockId, options: {} },
});

export const release = (lockId: string): NodeJson => ({
	type: NODE_TYPE,
	parameters: { operation: 'release', lockId, options: {} },
});

/** A workflow that keeps a lock alive while other nodes run. */
export function keepingAlive(
	lockId: string,
	nodes: NodeJson[],
	options: IDataObject = {},
	trigger: NodeJson = manualTrigger,
): WorkflowJson {
	const keepAlive: NodeJson = {
		name: 'Keep the lock alive',
		type: NODE_TYPE,
		parameters: {
			operation: 'keepAlive',
			lockId,
			options: { renewEvery: RENEW_EVERY, ...options },
		},
	};
	return sequence(lockId, [{ name: MANUAL_TRIGGER, ...trigger }, keepAlive, ...nodes]);
}

/** The requests for a lock that reached the simulator. */
export function sentFor(
	simulator: KooDriveSimulator,
	lockId: string,
): Array<{ method: string; at: number }> {
	return simulator.requests.filter(({ headers }) => headers['x-backup-lock-id'] === lockId);
}

/** Waits for longer than until the next renewal would be due, and returns whether nothing was sent. */
export async function isSilent(simulator: KooDriveSimulator, lockId: string): Promise<boolean> {
	const before = sentFor(simulator, lockId).length;
	await new Promise((resolve) => setTimeout(resolve, (RENEW_EVERY + 2) * 1000));
	return sentFor(simulator, lockId).length === before;
}
