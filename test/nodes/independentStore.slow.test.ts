import { PARTS } from '#dist/nodes/KooDriveBackup/transfer/sendParts';
import { bytes, bytesOf, filesWorkflow, sha256, useBinaryMode } from '../engine/files';
import { byId, useKooDrive } from '../setup';
import { S3Proxy } from './s3Proxy';

/* Upload and Download with an S3 server that isn't ours, so that our own object store isn't the only judge. */

const drive = useKooDrive();

let proxy: S3Proxy;
beforeEach(async () => {
	proxy = await new S3Proxy(drive.simulator).start();
	await useBinaryMode('filesystem');
});
afterEach(async () => await proxy.stop());

test.each([1_000, PARTS.size + 7])(
	'an S3 server accepts the parts of %d bytes, and returns them byte for byte',
	async (length) => {
		const content = bytes(length);
		const credential = { ...drive.credential, endpoint: proxy.endpoint };
		const { recordId } = drive.simulator.records.create('100', 'device');
		const lockId = drive.simulator.locks.create('100');
		const run = async (files: Array<{ content: Buffer; name: string }>, parameters: object) =>
			await drive.engine.run(
				filesWorkflow(drive.engine, [{ files }], { resource: 'file', ...parameters }),
				credential,
			);
		const uploaded = await run([{ content, name: 'a b+c(1).bin' }], {
			operation: 'upload',
			recordId: byId(recordId),
			lockId,
		});
		expect(uploaded.run.data.resultData.error?.message).toBeUndefined();
		const [file] = uploaded.json('Next');
		expect(file).toMatchObject({ size: length, sha256: sha256(content), alreadyStored: false });
		const puts = proxy.transfers.filter(({ method }) => method === 'PUT');
		expect(puts).toHaveLength(Math.ceil(length / PARTS.size));
		expect(puts.reduce((sum, put) => sum + put.length, 0)).toBe(length);

		const downloaded = await run([], {
			operation: 'download',
			recordId: byId(recordId),
			fileId: file!.fileId,
		});
		expect(downloaded.run.data.resultData.error?.message).toBeUndefined();
		expect((await bytesOf(downloaded, 'Next')).equals(content)).toBe(true);

		// The server doesn't check the signatures of the links, so they must arrive as the AWS SDK made them.
		expect(proxy.transfers).toHaveLength(puts.length + 1);
		for (const { target } of proxy.transfers) expect(proxy.links).toContain(target);
	},
);
