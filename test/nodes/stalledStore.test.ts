import type { IDataObject } from 'n8n-workflow';

import { bytes, bytesOf, filesWorkflow, sha256, useBinaryMode } from '../engine/files';
import type { Executed } from '../engine';
import { byId, MINUTE, useKooDrive } from '../setup';
import { faults } from '../simulator';

const drive = useKooDrive();

const SMALL = bytes(100_000);

const LARGE = bytes(8 * 1024 * 1024);

async function run(parameters: IDataObject, content: Buffer): Promise<Executed> {
	const workflow = filesWorkflow(drive.engine, [{ files: [{ content, name: 'a' }] }], {
		resource: 'backup',
		...parameters,
	});
	return await drive.engine.run(workflow, drive.credential);
}

test('sends again what stalls in the middle, as an upload and as a download', async () => {
	await useBinaryMode('filesystem');
	const { simulator } = drive;
	const { deviceId } = simulator.devices.bind('n8n', 'server-1', 'Linux');
	const backup = { operation: 'backUp', moduleCode: '100', deviceId: byId(deviceId) };
	const [first] = (await run(backup, LARGE)).json('Next');
	const stalled = new Set<string>();
	simulator.store.faultFor = ({ method }) => {
		if (stalled.has(method)) return undefined;
		stalled.add(method);
		return faults.stall(50_000);
	};
	simulator.store.requests.length = 0;

	const began = drive.clock.monotonic();
	const [uploaded, restored] = await Promise.all([
		run({ ...backup, options: { skipStored: false } }, SMALL),
		run({ operation: 'restore', source: 'record', recordId: byId(String(first!.recordId)) }, SMALL),
	]);
	// A download stalls for a minute, an upload for two.
	const elapsed = drive.clock.monotonic() - began;
	expect(elapsed).toBeGreaterThanOrEqual(MINUTE);
	expect(elapsed).toBeLessThan(4 * MINUTE);
	expect(uploaded.json('Next')).toMatchObject([{ status: 1, filesUploaded: 1 }]);
	expect(sha256(await bytesOf(restored, 'Next'))).toBe(sha256(LARGE));
	const methods = simulator.store.requests.map(({ method }) => method).sort();
	expect(methods).toEqual(['GET', 'GET', 'PUT', 'PUT']);
});
