import { Readable } from 'node:stream';

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

/** Where n8n keeps binary data: in the items, in files, or in its database. */
export type BinaryMode = 'memory' | 'filesystem' | 'database';

/** Chooses where n8n keeps binary data from now on. */
export async function useBinaryMode(mode: BinaryMode): Promise<void> {
	const service = Container.get(BinaryDataService);
	Object.assign(service, { managers: {} });
	if (mode === 'filesystem') await service.init();
	if (mode !== 'database') return;
	Object.assign(service, { mode });
	service.setManager(mode, databaseManager());
}

/** n8n's own is part of its server. Like that one, it holds a file as a whole while it's read or written. */
function databaseManager(): Parameters<BinaryDataService['setManager']>[1] {
	const files = new Map<string, Buffer>();
	const mebibytes = 512;
	return {
		async store(_location: unknown, body: Buffer | Readable) {
			const content = Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray());
			if (content.length > mebibytes * 1024 ** 2) {
				throw new Error(
					`Failed to write binary file because its size exceeds the max size limit of ${mebibytes} MB set for \`database\` mode.`,
				);
			}
			const fileId = `${files.size}`;
			files.set(fileId, content);
			return { fileId, fileSize: content.length };
		},
		getAsBuffer: async (fileId: string) => await Promise.resolve(files.get(fileId)!),
		getAsStream: async (fileId: string) => await Promise.resolve(Readable.from(files.get(fileId)!)),
		getMetadata: async (fileId: string) =>
			await Promise.resolve({ fileSize: files.get(fileId)!.length }),
	} as unknown as Parameters<BinaryDataService['setManager']>[1];
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
