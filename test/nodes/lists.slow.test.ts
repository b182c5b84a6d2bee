import { createServer } from 'node:http';

import { BACKUP_NODE_TYPE } from '../engine';
import { useKooDrive } from '../setup';

const drive = useKooDrive('real');

test('ends a list after 20 seconds', async () => {
	await drive.listen(createServer(() => undefined));
	const context = await drive.engine.startListSearch(BACKUP_NODE_TYPE, {}, drive.credential);
	const { searchRecords } = drive.engine.recordNode.methods!.listSearch!;
	const began = performance.now();
	await expect(searchRecords!.call(context)).rejects.toThrow('(20000 ms)');
	expect((performance.now() - began) / 1_000).toBeCloseTo(20, 0);
});
