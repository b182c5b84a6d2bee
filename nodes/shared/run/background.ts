import type { IExecuteFunctions, IRunExecutionData } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { Failure } from '../failures/failure';
import { reportFailure, whyItFailed } from '../failures/words';
import type { Execution, ExecutionRecord } from '../keeper/execution';
import { keeper } from '../keeper/keeper';
import { Outage } from '../retry/outage';
import type { CallOutcome } from '../retry/retry';
import { sendWithRetries } from '../retry/sendWithRetries';
import type { KooDriveRequest } from '../transport/request';
import type { Background } from './operation';
import { named } from './report';
import type { Run } from './run';
import type { Settings } from './settings';

/**
 * Makes what an operation can have done in the background for one item, until the execution ends.
 *
 * @param context n8n's view of the node that is run
 * @param run what all the items have in common
 * @param settings how the requests may be sent
 * @returns the background
 */
export function backgroundOf(context: IExecuteFunctions, run: Run, settings: Settings): Background {
	const execution = executionOf(context);
	const { clock } = run.shared;
	return {
		check: () => requireFinishHandler(context),
		keep: (id, { renewal, release, renewEvery, stopAfter }, sentAt) => {
			const inBackground = (request: KooDriveRequest) => async (signal: AbortSignal) =>
				await run.backgroundLimit(callInBackground, run, request, settings, signal);
			const kept = {
				renew: inBackground(renewal),
				...(release !== undefined && { release: inBackground(release) }),
				renewEvery,
				stopAfter,
				inWords: (failure: Failure) => whyItFailed(failure, run.operation.words.reasons),
				onLost: warnOfLoss(context, run, id),
			};
			keeper.keep(execution, id, kept, sentAt, clock);
		},
		renewed: (id, sentAt) => keeper.renewed(execution.id, id, sentAt),
		lossOf: (id) => keeper.lossOf(execution.id, id),
		end: async (id) => await keeper.end(execution.id, id),
	};
}

/**
 * Refuses to begin what nothing would end.
 *
 * @param context n8n's view of the node that is run
 * @throws UserError when this n8n, older than 2.36, does not tell a node that its execution ends
 */
export function requireFinishHandler(
	context: Partial<Pick<IExecuteFunctions, 'onExecutionFinish'>>,
): void {
	if (typeof context.onExecutionFinish === 'function') return;
	throw new UserError(
		'This n8n does not tell a node when its workflow ends. Update n8n to 2.36 or later: Keep Alive would not know when to stop.',
	);
}

/** Each renewal has all its patience to itself: neither the step's outage nor its cancel signal concerns it. */
async function callInBackground(
	{ connection, shared }: Run,
	request: KooDriveRequest,
	settings: Settings,
	cancelSignal: AbortSignal,
): Promise<CallOutcome> {
	return await sendWithRetries(connection, request, settings, {
		...shared,
		outage: new Outage(shared.clock),
		cancelSignal,
	});
}

function executionOf(context: IExecuteFunctions): Execution {
	const id = context.getExecutionId();
	return {
		id,
		onFinish: (handler) => context.onExecutionFinish?.(handler),
		lookUp: async () => {
			const data = await context.getExecutionDataById(id);
			return data === undefined ? 'none' : recordOf(data);
		},
	};
}

/**
 * Reads what n8n's records show of an execution. They are written when it goes to sleep and when it ends; where
 * the workflow's setting Save Execution Progress is on, after each step too.
 */
function recordOf({ waitTill, resultData, executionData }: IRunExecutionData): ExecutionRecord {
	// One that is stopped while it sleeps keeps the time at which it was to wake.
	if (resultData.error !== undefined) return 'ended';
	if (waitTill !== undefined) return 'asleep';
	const hasBegun = Object.keys(resultData.runData).length > 0;
	return hasBegun && executionData?.nodeExecutionStack.length === 0 ? 'ended' : 'underWay';
}

function warnOfLoss(context: IExecuteFunctions, { operation: { words } }: Run, id: string) {
	return (failure: Failure): void => {
		const subject = `${named(words, id)} of execution ${context.getExecutionId()}`;
		const { message, description } = reportFailure(failure, subject, words.reasons);
		context.logger.warn(`${message}. ${description}`);
	};
}
