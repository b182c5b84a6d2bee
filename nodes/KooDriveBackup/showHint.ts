import type { IExecuteFunctions } from 'n8n-workflow';

/** Shows a sentence at the node's output, where this n8n offers hints. */
export function showHint(
	context: IExecuteFunctions,
	message: string,
	type: 'info' | 'warning' = 'info',
): void {
	const { addExecutionHints } = context as Partial<IExecuteFunctions>;
	addExecutionHints?.call(context, { message, type, location: 'outputPane' });
}
