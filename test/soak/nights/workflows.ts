import type { IExecuteFunctions, INode, INodeParameters } from 'n8n-workflow';

import type { Engine, WorkflowJson } from '../../engine';
import { BACKUP_NODE_TYPE } from '../../engine';
import type { FakeClock } from '../../engine/fakeClock';
import { filesWorkflow } from '../../engine/files';
import { byId } from '../../setup';
import { SECOND } from '../../time';
import type { NightFile } from './files';
import { bytesOf } from './files';
import { DELETE_INCOMPLETE_AFTER, RETENTION } from './retention';

/** The only time that passes for real: that of attempts without a response. */
const TIMEOUT = 3 * SECOND;

/** The name of Back Up or Restore. */
export const FIRST_NODE = 'KooDrive';

/** The name of Delete Old after Back Up. */
export const DELETE_OLD = 'Delete Old';

/** Makes the workflows of one device. */
export class Workflows {
	/** How many KooDrive Backup nodes are being executed: after a stop, they go on to clean up. */
	executing = 0;

	/** Is told the name of a KooDrive Backup node whose execution begins. */
	onNodeStart: (name: string) => void = () => undefined;

	/** Whether a file of the last of them couldn't be read at all. */
	hasUnreadableFile = false;

	/** When the last of them ended, by the monotonic clock, in milliseconds. */
	endedAt = 0;

	constructor(
		private readonly engine: Engine,
		private readonly deviceId: string,
		clock: Pick<FakeClock, 'monotonic'>,
		disturb: (helpers: IExecuteFunctions['helpers']) => IExecuteFunctions['helpers'],
	) {
		const { description, methods, execute } = engine.recordNode;
		const begin = (name: string) => {
			this.executing++;
			this.onNodeStart(name);
		};
		const end = () => {
			this.executing--;
			this.endedAt = clock.monotonic();
		};
		engine.addNode(BACKUP_NODE_TYPE, {
			description,
			methods,
			async execute(this: IExecuteFunctions) {
				begin(this.getNode().name);
				try {
					const helpers = { value: disturb(this.helpers) };
					return await execute!.call(Object.create(this, { helpers }) as IExecuteFunctions);
				} finally {
					end();
				}
			},
		});
	}

	/** Back Up, and then Delete Old. */
	night(files: readonly NightFile[], parallelTransfers: number): WorkflowJson {
		const items = files.map((file) => ({
			files: [{ content: bytesOf(file), name: file.name, directory: file.folder || undefined }],
		}));
		const workflow = filesWorkflow(this.engine, items, {
			...this.common('backUp'),
			options: { parallelTransfers, timeout: TIMEOUT },
		});
		const backUp = workflow.nodes.find(({ name }) => name === FIRST_NODE)!;
		workflow.nodes.push(this.deleteOldNode(backUp));
		workflow.connections[FIRST_NODE] = { main: [[{ node: DELETE_OLD, type: 'main', index: 0 }]] };
		return { ...workflow, settings: { timezone: 'UTC' } };
	}

	/** Only Delete Old. */
	deleteOld(): WorkflowJson {
		const workflow = filesWorkflow(this.engine, [{}], {});
		const nodes = workflow.nodes.map((node) =>
			node.name === FIRST_NODE ? { ...this.deleteOldNode(node), name: node.name } : node,
		);
		return { ...workflow, nodes, settings: { timezone: 'UTC' } };
	}

	/** @param recordId the latest backup unless set */
	restore(recordId?: string): WorkflowJson {
		const source =
			recordId === undefined
				? { source: 'latest' }
				: { source: 'record', recordId: byId(recordId) };
		return filesWorkflow(this.engine, [{}], {
			...this.common('restore'),
			...source,
			options: { timeout: TIMEOUT },
		});
	}

	/** Frees the memory of the files of the last night. */
	forgetFiles(): void {
		filesWorkflow(this.engine, [], {});
	}

	private deleteOldNode(like: INode): INode {
		const options = { deleteIncompleteAfter: DELETE_INCOMPLETE_AFTER, timeout: TIMEOUT };
		const parameters = { ...this.common('deleteOld'), retention: RETENTION, options };
		return {
			...like,
			id: DELETE_OLD,
			name: DELETE_OLD,
			parameters: parameters as INodeParameters,
		};
	}

	private common(operation: string) {
		return { resource: 'backup', operation, moduleCode: '100', deviceId: byId(this.deviceId) };
	}
}
