import { EncryptionKeyProxy } from 'n8n-core';
import type { WorkflowExecute } from 'n8n-core';
import type { IRun, Workflow } from 'n8n-workflow';
import type PCancelable from 'p-cancelable';

/*
 * Where older versions of n8n need to be called differently. The types are those of the version that the package is
 * developed with, so they don't show what is missing.
 */

/** Whether n8n asks for its encryption keys. Before 2.20, it always uses the instance's key. */
export function asksForEncryptionKeys(): boolean {
	return (EncryptionKeyProxy as unknown) !== undefined;
}

/** Runs a workflow from its start. */
export async function runWorkflow(
	execute: WorkflowExecute,
	workflow: Workflow,
): Promise<{ running: PCancelable<IRun>; release: () => void }> {
	const { release } = await acquireIsolate(workflow);
	const isPositional = execute.run.length > 1;
	return {
		running: execute.run((isPositional ? workflow : { workflow }) as { workflow: Workflow }),
		release,
	};
}

/** Prepares for expressions to be resolved. */
export async function acquireIsolate(workflow: Workflow): Promise<{ release: () => void }> {
	const expression: Partial<Workflow['expression']> = workflow.expression;
	await expression.acquireIsolate?.();
	return { release: () => void expression.releaseIsolate?.() };
}
