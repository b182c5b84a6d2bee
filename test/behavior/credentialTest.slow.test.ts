import { once } from 'node:events';
import { createServer } from 'node:http';

import { testCredential } from '#dist/nodes/shared/credentialTest';
import { systemClock } from '#dist/nodes/shared/http/clock';
import { testContext } from '../engine/credentialTest';
import { useKooDrive } from '../setup';

const drive = useKooDrive();

// The test of a credential has a timeout that no option changes.
test('ends after 10 seconds and closes the connection', async () => {
	let closed: Promise<unknown> | undefined;
	await drive.listen(
		createServer((_request, response) => {
			const timer = setInterval(() => response.write(' '), 100);
			closed = once(response, 'close').finally(() => clearInterval(timer));
		}),
	);
	const credential = { id: '', name: '', type: 'kooDriveApi', data: drive.credential };
	const { message } = await testCredential(testContext(), credential, systemClock);
	expect(message).toContain('response timed out (10000 ms)');
	await closed;
});
