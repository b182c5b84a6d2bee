import { bytes, bytesOf, filesWorkflow, sha256, useBinaryMode } from '../engine/files';
import { byId, useKooDrive } from '../setup';
import { faults } from '../simulator';

/* The clock of the machine, which the other tests of transfers replace. */

const drive = useKooDrive('real');

test('goes on with a download that stalls for a minute of real time', async () => {
	await useBinaryMode('filesystem');
	const { simulator } = drive;
	const { deviceId } = simulator.devices.bind('n8n', 'server-1', 'Linux');
	const content = bytes(1024 * 1024);
	const run = async (operation: string) => {
		const files = operation === 'backUp' ? [{ content, name: 'a' }] : [];
		const parameters = {
			resource: 'backup',
			operation,
			moduleCode: '100',
			deviceId: byId(deviceId),
		};
		const workflow = filesWorkflow(drive.engine, [{ files }], parameters);
		return await drive.engine.run(workflow, drive.credential);
	};
	await run('backUp');
	simulator.store.requests.length = 0;
	simulator.store.failNext(faults.stall(500_000));
	const began = performance.now();
	const restored = await run('restore');
	expect((performance.now() - began) / 1000).toBeCloseTo(60, -1);
	expect(sha256(await bytesOf(restored, 'Next'))).toBe(sha256(content));
	const ranges = simulator.store.requests.map(({ headers }) => headers.range);
	expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d{6}-$/)]);
});
