import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import type { INode } from 'n8n-workflow';

import type { WorkflowJson } from './engine';

const FOLDER = resolve(__dirname, '../examples');

/** The names of the workflows in a folder. */
export function workflowsIn(folder: string): string[] {
	return readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.map((file) => basename(file, '.json'));
}

/** The examples, by the names of their files. */
export const EXAMPLES = workflowsIn(FOLDER);

/** Reads an example as its user imports it. */
export function example(name: string, folder = FOLDER): WorkflowJson {
	return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as WorkflowJson;
}

/** The same workflow with each node changed. */
export function changed(workflow: WorkflowJson, change: (node: INode) => void): WorkflowJson {
	const copy = structuredClone(workflow);
	copy.nodes.forEach(change);
	return copy;
}

/** Places a lock, or a list of locks as JSON, where an example has its user enter one. */
export function withLocks(value: unknown): (node: INode) => void {
	return ({ name, parameters }) => {
		if (name !== 'Lock' && name !== 'Locks') return;
		const { assignments } = parameters.assignments as { assignments: Array<{ value: unknown }> };
		assignments[0]!.value = value;
	};
}
