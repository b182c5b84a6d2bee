import type { IExecuteFunctions, IRunExecutionData } from 'n8n-workflow';

/** What n8n's execution data shows of an execution; `unknown` where there is none. */
export type ExecutionStatus = 'waiting' | 'running' | 'ended' | 'unknown';

/** An execution of a workflow, as far as it matters to its leases. */
export interface LeaseExecution {
	id: string;
	/** Has n8n call the handler when the execution ends: perhaps twice, and never after the execution has waited. */
	onFinish: (handler: () => Promise<void>) => void;
	/** Reads n8n's execution data. */
	getStatus: () => Promise<ExecutionStatus>;
}

/** @returns the execution that a node runs in */
export function getLeaseExecution(context: IExecuteFunctions): LeaseExecution {
	const id = context.getExecutionId();
	return {
		id,
		// It was checked before: older versions of n8n don't have it.
		onFinish: (handler) => context.onExecutionFinish!(handler),
		getStatus: async () => {
			const data = await context.getExecutionDataById(id);
			return data === undefined ? 'unknown' : readStatus(data);
		},
	};
}

/**
 * Execution data is saved when an execution begins to wait and when it ends; with the workflow's setting Save
 * Execution Progress, after each node too.
 */
function readStatus({ waitTill, resultData, executionData }: IRunExecutionData): ExecutionStatus {
	// One that is stopped while it waits still has the time at which it was to continue.
	if (resultData.error !== undefined) return 'ended';
	if (waitTill !== undefined) return 'waiting';
	const hasBegun = Object.keys(resultData.runData).length > 0;
	return hasBegun && executionData?.nodeExecutionStack.length === 0 ? 'ended' : 'running';
}
