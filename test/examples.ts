import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import type { INode, INodeParameterResourceLocator } from 'n8n-workflow';

import type { WorkflowJson } from './engine';

const FOLDER = resolve(__dirname, '../examples');

/** The names of the workflows in a folder. */
function workflowsIn(folder: string): string[] {
	return readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.map((file) => basename(file, '.json'));
}

/** The examples, by the names of their files. */
export const EXAMPLES = workflowsIn(FOLDER);

/** Reads an example as users import it. */
export function example(name: string, folder = FOLDER): WorkflowJson {
	return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as WorkflowJson;
}

/** The same workflow with each node changed. */
export function changed(workflow: WorkflowJson, change: (node: INode) => void): WorkflowJson {
	const copy = structuredClone(workflow);
	copy.nodes.forEach(change);
	return copy;
}

/** Enters a lock, or a list of locks as JSON, in the node of an example where users enter it. */
export function withLocks(value: unknown): (node: INode) => void {
	return ({ name, parameters }) => {
		if (name !== 'Lock' && name !== 'Locks') return;
		const { assignments } = parameters.assignments as { assignments: Array<{ value: unknown }> };
		assignments[0]!.value = value;
	};
}

/** Selects a device in the nodes of an example where users select it. */
export function withDevice(deviceId: string): (node: INode) => void {
	return ({ parameters }) => {
		for (const holder of [parameters, parameters.filters]) {
			const { deviceId: locator } = (holder ?? {}) as { deviceId?: INodeParameterResourceLocator };
			if (locator?.mode === 'list') locator.value = deviceId;
		}
	};
}

/** Has the nodes of an example read and write the files of another folder than n8n's in Docker. */
export function withFolder(folder: string): (node: INode) => void {
	return ({ parameters }) => {
		for (const name of ['fileSelector', 'fileName']) {
			const path = parameters[name];
			if (typeof path === 'string')
				parameters[name] = path.replace('/home/node/.n8n-files', folder);
		}
	};
}
