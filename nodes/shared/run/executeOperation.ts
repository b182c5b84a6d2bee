import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	INodeExecutionData,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { authenticationOf, secretValues } from '../../../credentials/authentication/authorization';
import { parseEndpoint } from '../../../credentials/wire/endpoint';
import type { Clock } from '../retry/clock';
import { everyItem } from './everyItem';
import { reportFailure } from '../failures/failure';
import { parseHttpDate } from '../transport/httpDate';
import { reasonOf } from '../failures/reasons';
import { redactor } from '../failures/redact';
import type { Connection, KooDriveRequest } from '../transport/request';
import { sendRequest } from '../transport/request';
import type { Failure } from '../transport/result';
import type { CallOutcome, Shared } from '../retry/retry';
import { callWithRetries } from '../retry/retry';
import { RetryQuota } from '../retry/retryQuota';
import { ServerClock } from '../retry/serverClock';
import { operations } from '../../KooDriveBackupLock/operations';
import type { Operation, Parameter } from './operation';
import type { Settings } from './settings';
import { readMaxConcurrency, readSettings } from './settings';
import type { ItemResult } from './verdict';
import { throwIfAnyFailed, toItems } from './verdict';

export const CREDENTIAL_TYPE = 'kooDriveApi';

/** What all the items of a run have in common. */
interface Run {
	context: IExecuteFunctions;
	operation: Operation;
	/** Throws where the endpoint cannot be used: that fails each item, so that Continue On Fail works. */
	endpoint: () => string;
	connection: Omit<Connection, 'endpoint'>;
	/** How many items at once, at the most. */
	maxConcurrency: number;
	shared: Shared;
}

/**
 * Runs the operation that the user chose on every input item.
 *
 * @param context n8n's view of the node that is run
 * @param clock time and chance
 * @returns one output item for each input item, in the same order, each paired with its input
 * @throws NodeOperationError when the input is wrong or the execution was canceled
 * @throws NodeApiError when KooDrive refused or could not be reached
 */
export async function executeOperation(
	context: IExecuteFunctions,
	clock: Clock,
): Promise<INodeExecutionData[][]> {
	let run: Run;
	try {
		run = await startRun(context, clock);
	} catch (error) {
		// Where the workflow is to go on, n8n hands a node's input on as its output if the node throws: the
		// next step would take each lock for renewed.
		if (!context.continueOnFail()) throw new NodeOperationError(context.getNode(), error as Error);
		return [toItems(context, nothingSent(context, error))];
	}
	return [await runItems(run)];
}

async function runItems(run: Run): Promise<INodeExecutionData[]> {
	const { context } = run;
	const results = await everyItem<ItemResult>({
		count: context.getInputData().length,
		maxConcurrency: run.maxConcurrency,
		tryItem: async (itemIndex) => await tryItem(run, itemIndex),
		isUnreachable: (result) =>
			!result.ok && reasonOf(result.report.failure.reason).unreachable === true,
		notTried: (itemIndex) => notTried(run, itemIndex),
	});
	throwIfStopped(run, results);
	if (!context.continueOnFail()) throwIfAnyFailed(context, run.operation, results);
	return toItems(context, results);
}

async function startRun(context: IExecuteFunctions, clock: Clock): Promise<Run> {
	const name = context.getNodeParameter('operation', 0);
	const operation = operations.find(({ option }) => option.value === name);
	if (operation === undefined) {
		throw new NodeOperationError(context.getNode(), `There is no operation "${String(name)}"`, {
			description: 'Choose one of the operations that the node offers.',
		});
	}
	const credential = await context.getCredentials(CREDENTIAL_TYPE);
	const serverClock = new ServerClock(clock);
	let endpoint: string | undefined;
	return {
		context,
		operation,
		endpoint: () => (endpoint ??= parseEndpoint(credential.endpoint)),
		connection: { ...connectionOf(context, credential), now: () => serverClock.now() },
		maxConcurrency: maxConcurrency(context),
		shared: {
			clock,
			serverClock,
			quota: new RetryQuota(),
			cancelSignal: context.getExecutionCancelSignal(),
		},
	};
}

function connectionOf(
	context: IExecuteFunctions,
	data: ICredentialDataDecryptedObject,
): Omit<Run['connection'], 'now'> {
	const { id, name = '' } = context.getNode().credentials?.[CREDENTIAL_TYPE] ?? {};
	return {
		context,
		authentication: authenticationOf(data),
		redact: redactor(secretValues(data)),
		credential: { id: id ?? '', name, type: CREDENTIAL_TYPE, data },
	};
}

function maxConcurrency(context: IExecuteFunctions): number {
	try {
		return readMaxConcurrency(parameterOf(context, 0));
	} catch (error) {
		throw new NodeOperationError(context.getNode(), messageOf(error), { itemIndex: 0 });
	}
}

function parameterOf(context: IExecuteFunctions, itemIndex: number): Parameter {
	return (name) => context.getNodeParameter(name, itemIndex, null);
}

/** Everything that is checked before anything is sent. */
interface Prepared {
	endpoint: string;
	request: KooDriveRequest;
	settings: Settings;
}

async function tryItem(run: Run, itemIndex: number): Promise<ItemResult> {
	let prepared: Prepared;
	try {
		const parameter = parameterOf(run.context, itemIndex);
		prepared = {
			request: run.operation.toRequest(parameter),
			settings: readSettings(parameter),
			endpoint: run.endpoint(),
		};
	} catch (error) {
		return failedItem(run, { reason: 'badInput', detail: run.connection.redact(messageOf(error)) });
	}
	const outcome = await call(run, prepared);
	return toResult(run, prepared, outcome);
}

async function call(run: Run, { endpoint, request, settings }: Prepared): Promise<CallOutcome> {
	const connection = { ...run.connection, endpoint };
	return await callWithRetries(
		async (attempt) => await sendRequest(connection, request, attempt),
		{ ...settings, repeatable: run.operation.repeatable },
		run.shared,
	);
}

function toResult(run: Run, { request, settings }: Prepared, outcome: CallOutcome): ItemResult {
	const { operation, shared } = run;
	const { lockId } = request;
	if (!outcome.ok) {
		const json = outcome.unclear ? operation.doneBefore?.(outcome.failure) : undefined;
		return json === undefined
			? failedItem(run, outcome.failure, lockId, outcome)
			: { ok: true, json };
	}
	const { answer } = outcome;
	const json = operation.toOutput({
		answer,
		lockId,
		answeredAt: () => parseHttpDate(answer.date) ?? shared.serverClock.now(),
		includeLockDetails: settings.includeLockDetails,
	});
	return json === undefined
		? failedItem(run, { reason: 'lockIdMissing' }, lockId)
		: { ok: true, json };
}

function failedItem(
	{ operation }: Run,
	failure: Failure,
	lockId?: string,
	outcome?: CallOutcome,
): ItemResult {
	const report = reportFailure(failure, operation.texts.failed(lockId), outcome);
	const { unclear } = operation.texts;
	const mayBeDone = outcome?.unclear === true || reasonOf(failure.reason).mayBeDone;
	if (mayBeDone && unclear !== undefined) report.description += ` ${unclear}`;
	return { ok: false, lockId, report };
}

function notTried(run: Run, itemIndex: number): ItemResult {
	return failedItem(run, { reason: 'notTried' }, lockIdIfAny(run.context, itemIndex));
}

function nothingSent(context: IExecuteFunctions, error: unknown): ItemResult[] {
	const failure: Failure = { reason: 'badInput', detail: messageOf(error) };
	const report = reportFailure(failure, 'The node could not start');
	return context
		.getInputData()
		.map((_, itemIndex) => ({ ok: false, lockId: lockIdIfAny(context, itemIndex), report }));
}

/** An expression may fail to evaluate, and an item that was not tried must not be the one to throw. */
function lockIdIfAny(context: IExecuteFunctions, itemIndex: number): string | undefined {
	try {
		const lockId = parameterOf(context, itemIndex)('lockId');
		return typeof lockId === 'string' ? lockId.trim() || undefined : undefined;
	} catch {
		return undefined;
	}
}

/** n8n reports an execution as stopped, not as failed, if the error says that it was canceled. */
function throwIfStopped({ context, operation, shared }: Run, results: ItemResult[]): void {
	if (shared.cancelSignal?.aborted !== true) return;
	const failedCount = results.filter(({ ok }) => !ok).length;
	throw new NodeOperationError(context.getNode(), 'The execution was canceled', {
		description: `By then, ${operation.texts.failedOf(failedCount, results.length)}.`,
	});
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
