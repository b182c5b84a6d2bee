import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, IDataObject, IExecuteFunctions, INode } from 'n8n-workflow';

import type { Engine, Executed, WorkflowJson } from '.';
import { BACKUP_NODE_TYPE, WORKFLOW_ID, workflowOf } from '.';
import { standIns } from './standIns';

export { sha256 } from '../simulator/client';

/** A file that a node before the tested one has read. */
export interface GivenFile {
	content: Buffer;
	name?: string;
	/** The binary field; `data` unless set. */
	field?: string;
	mimeType?: string;
	directory?: string;
	/** What else the item says of its binary data, as a Code node may have written it. */
	more?: Record<string, unknown>;
}

/** Where n8n keeps binary data: in the items, or in files. */
export type BinaryMode = 'memory' | 'filesystem';

/** Chooses where n8n keeps binary data from now on. */
export async function useBinaryMode(mode: BinaryMode): Promise<void> {
	const service = Container.get(BinaryDataService);
	if (mode === 'filesystem') await service.init();
	else Object.assign(service, { managers: {} });
}

/** Deletes the binary data of an execution, as n8n does when it prunes the execution. */
export async function deleteBinaryData(executionId: string): Promise<void> {
	const location = { type: 'execution', workflowId: WORKFLOW_ID, executionId } as const;
	await Container.get(BinaryDataService).deleteMany([location]);
}

/** A workflow of a node that reads files, KooDrive Backup, and a next node. */
export function filesWorkflow(
	engine: Engine,
	items: Array<{ json?: IDataObject; files?: GivenFile[] }>,
	parameters: IDataObject,
	settings: Partial<INode> = {},
): WorkflowJson {
	engine.addNode('test.items', {
		description: standIns['test.items']!.description,
		async execute(this: IExecuteFunctions) {
			const output = items.map(async ({ json = {}, files = [] }, item) => ({
				json,
				binary: await readFiles(this, files),
				pairedItem: { item },
			}));
			return [await Promise.all(output)];
		},
	});
	return workflowOf([], parameters, { type: BACKUP_NODE_TYPE, ...settings });
}

async function readFiles(
	{ helpers }: IExecuteFunctions,
	files: GivenFile[],
): Promise<Record<string, IBinaryData>> {
	const binary: Record<string, IBinaryData> = {};
	for (const { content, name, field = 'data', mimeType, directory, more } of files) {
		const data = await helpers.prepareBinaryData(content, name, mimeType ?? 'text/plain');
		binary[field] = { ...data, ...(directory !== undefined && { directory }), ...more };
	}
	return binary;
}

/** The bytes of a binary field that a node has passed on. */
export async function bytesOf(
	executed: Executed,
	node: string,
	index = 0,
	field = 'data',
): Promise<Buffer> {
	const data = executed.items(node)[index]?.binary?.[field];
	if (data === undefined) throw new Error(`item ${index} of ${node} has no binary field ${field}`);
	return await Container.get(BinaryDataService).getAsBuffer(data);
}

/** Bytes that look random, and are the same each time. */
export function bytes(length: number, seed = 1): Buffer {
	const content = Buffer.alloc(length);
	const words = new Uint32Array(content.buffer, 0, Math.floor(length / 4));
	// Jest looks up a global anew each time, which would take most of the time here.
	const { imul } = Math;
	let state = seed;
	for (let index = 0; index < words.length; index++) {
		state = (imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		words[index] = state;
	}
	return content;
}
