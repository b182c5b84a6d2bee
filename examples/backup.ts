import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { ICredentialDataDecryptedObject, IDataObject, INode } from 'n8n-workflow';

import type { Executed, WorkflowJson } from '../test/engine';
import { BACKUP_NODE_TYPE, Engine, workflowOf } from '../test/engine';
import { bytes } from '../test/engine/files';
import { changed, example, withDevice, withFolder } from '../test/examples';
import { simulated } from './target';

const MIB = 1024 * 1024;

/** The files to back up: their paths, and their sizes in bytes. */
const FILES: Array<[string, number]> = [
	['photos/beach.jpg', 3 * MIB],
	['photos/mountains.jpg', 4 * MIB],
	['reports/2025/summary.pdf', 200_000],
	['reports/2026/summary.pdf', 250_000],
	['database.dump', 20 * MIB],
];

/** Prints the result of a part of the demo. */
function say(step: string, result: string): void {
	console.log(`  ${step.padEnd(16)}${result}`);
}

function describeFiles(count: unknown, size: unknown): string {
	return `${String(count)} file${count === 1 ? '' : 's'} (${(Number(size) / MIB).toFixed(1)} MiB)`;
}

/** Makes the folder that is backed up. */
function makeFiles(folder: string): void {
	for (const [index, [path, size]] of FILES.entries()) {
		mkdirSync(dirname(join(folder, path)), { recursive: true });
		writeFileSync(join(folder, path), bytes(size, index + 1));
	}
}

/** Runs workflows, as a user has set them up. */
class Demo {
	constructor(
		private readonly engine: Engine,
		private readonly credential: ICredentialDataDecryptedObject,
	) {}

	/** @throws Error with the message of the node that failed */
	async run(workflow: WorkflowJson): Promise<Executed> {
		const executed = await this.engine.run(workflow, this.credential);
		const { error } = executed.run.data.resultData;
		if (error !== undefined) throw new Error(`${error.message}\n${error.description ?? ''}`);
		return executed;
	}

	async runExample(name: string, deviceId: string, folder: string): Promise<Executed> {
		const setUp = (node: INode) => {
			withDevice(deviceId)(node);
			withFolder(folder)(node);
		};
		return await this.run(changed(example(name), setUp));
	}

	async bindDevice(): Promise<string> {
		const parameters = { resource: 'device', operation: 'bind', deviceName: 'demo' };
		const bound = await this.run(workflowOf([{}], parameters, { type: BACKUP_NODE_TYPE }));
		return String(bound.json('KooDrive')[0]?.deviceId);
	}

	async backUp(step: string, deviceId: string, folder: string): Promise<void> {
		const { json } = await this.runExample('nightly-backup', deviceId, folder);
		const [backup = {}] = json('Back up files');
		const { files, bytes: size, filesUploaded, bytesUploaded, recordId } = backup;
		const sent =
			files === filesUploaded ? '' : `, sent ${describeFiles(filesUploaded, bytesUploaded)}`;
		say(step, `${describeFiles(files, size)} in record ${String(recordId)}${sent}`);
	}
}

/** Compares each restored file with the file that was backed up, whose path the backup has kept. */
function compare(restored: IDataObject[], target: string): boolean {
	const differing = restored.filter(({ path, fileName }) => {
		const copy = readFileSync(join(target, `restored-${String(fileName)}`));
		return !copy.equals(readFileSync(String(path)));
	});
	const isSame = restored.length === FILES.length && differing.length === 0;
	say(
		'Compare',
		isSame ? `All ${restored.length} files are the same, byte for byte` : 'Files differ',
	);
	return isSame;
}

/** Backs up a folder of files to a simulated KooDrive twice, restores it, and compares. */
export async function backUp(): Promise<number> {
	const { described, credential, stop } = await simulated();
	const parent = mkdtempSync(join(tmpdir(), 'koodrive-demo-'));
	const [folder, target] = [join(parent, 'files'), join(parent, 'restored')];
	console.log('Backing up a folder with examples/nightly-backup.json, and restoring it with');
	console.log(`examples/restore-a-backup.json, in n8n's own engine, against ${described}\n`);
	try {
		const demo = new Demo(await Engine.load(), credential);
		makeFiles(folder);
		const size = FILES.reduce((sum, [, length]) => sum + length, 0);
		say('Make files', `${describeFiles(FILES.length, size)} in ${folder}`);
		const deviceId = await demo.bindDevice();
		say('Bind device', `This n8n is the device "demo", ${deviceId}`);
		await demo.backUp('Back up', deviceId, folder);
		writeFileSync(join(folder, 'reports/2026/summary.pdf'), bytes(300_000, 99));
		say('Change a file', 'reports/2026/summary.pdf');
		await demo.backUp('Back up again', deviceId, folder);
		const { json } = await demo.runExample('restore-a-backup', deviceId, target);
		const restored = json('Restore backup');
		const restoredSize = restored.reduce((sum, file) => sum + Number(file.size), 0);
		say('Restore', `${describeFiles(restored.length, restoredSize)} to ${target}`);
		const isSame = compare(restored, target);
		console.log('\nDone. The files of this demo are deleted now.');
		return isSame ? 0 : 1;
	} finally {
		rmSync(parent, { recursive: true });
		await stop();
	}
}
