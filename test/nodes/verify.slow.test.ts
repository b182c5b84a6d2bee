import { createHash } from 'node:crypto';

import { bytes, filesWorkflow } from '../engine/files';
import { byId, useKooDrive } from '../setup';
import { Content } from '../simulator/store/content';

/* Verify keeps nothing of what it reads, so its memory doesn't depend on the size of a backup. */

const drive = useKooDrive('real');

const MIB = 1024 * 1024;
const PIECE = bytes(MIB);
const PIECES = 2048;

/** Content of 2 GiB: the same MiB, so that the simulator needs no more memory. */
function largeContent(): Content {
	const hash = createHash('sha256');
	for (let piece = 0; piece < PIECES; piece++) hash.update(PIECE);
	const piece = { size: MIB, read: (from: number, to: number) => PIECE.subarray(from, to) };
	const pieces = Array.from({ length: PIECES }, () => ({ ...piece, discard: () => undefined }));
	return new Content(pieces, hash.digest('hex'));
}

test('verifies 2 GiB in less than 64 MiB of memory', async () => {
	const { deviceId } = drive.simulator.devices.bind('n8n', 'server-1', 'Linux');
	const { recordId } = drive.simulator.records.create('100', deviceId, { status: 1 });
	drive.simulator.files.add(recordId, { fileName: 'large', content: largeContent() });
	const workflow = filesWorkflow(drive.engine, [{}], {
		resource: 'backup',
		operation: 'verify',
		source: 'latest',
		moduleCode: '100',
		deviceId: byId(deviceId),
	});
	const inUse = () => {
		const { heapUsed, arrayBuffers } = process.memoryUsage();
		return (heapUsed + arrayBuffers) / MIB;
	};
	const before = inUse();
	let most = before;
	const timer = setInterval(() => (most = Math.max(most, inUse())), 50);
	const { json } = await drive.engine.run(workflow, drive.credential);
	clearInterval(timer);
	expect(json('Next')).toMatchObject([{ recordId, files: 1, bytes: PIECES * MIB }]);
	expect(most - before).toBeLessThan(64);
});
