import { once } from 'node:events';
import { createServer } from 'node:http';

import type { INodeCredentialTestResult } from 'n8n-workflow';

import { credentialTest, testCredential } from '#dist/nodes/shared/credentialTest';
import { testContext } from '../engine/credentialTest';
import type { Fault } from '../simulator';
import { faults, KooDriveSimulator } from '../simulator';
import { appCredential, MINUTE, useKooDrive } from '../setup';

const drive = useKooDrive();

async function press(): Promise<INodeCredentialTestResult> {
	const data = drive.credential;
	return await testCredential(
		testContext(),
		{ id: '', name: '', type: 'kooDriveApi', data },
		drive.clock,
	);
}

const kinds: Array<[string, () => typeof drive.credential]> = [
	['a token', () => drive.credential],
	['a signature', () => appCredential(drive)],
];

test.each(kinds)('accepts %s with a request that only reads', async (_kind, credential) => {
	drive.credential = credential();
	expect(await press()).toEqual({ status: 'OK', message: 'KooDrive accepts this credential' });
	expect(drive.simulator.requests).toMatchObject([
		{ method: 'GET', target: '/koodrive/ose/v1/backup/record?moduleCode=100&pageSize=1' },
	]);
});

test('is the test that n8n runs for the credential', () => {
	const { credentials } = drive.engine.node.description;
	expect(credentials).toEqual([
		{ name: 'kooDriveApi', required: true, testedBy: 'kooDriveApiTest' },
	]);
	expect(drive.engine.node.methods?.credentialTest).toHaveProperty('kooDriveApiTest');
});

test('uses the system clock when n8n runs it', async () => {
	// The simulated KooDrive's clock stands still, so the machine's must not be ahead of it.
	drive.simulator.clock.advance(MINUTE);
	const credential = { id: '', name: '', type: 'kooDriveApi', data: appCredential(drive) };
	const result = await credentialTest.kooDriveApiTest.call(testContext(), credential);
	expect(result).toMatchObject({ status: 'OK' });
});

async function complaint(): Promise<string> {
	const { status, message } = await press();
	expect(status).toBe('Error');
	expect(message).not.toContain(drive.simulator.account.accessToken);
	expect(message).not.toContain(drive.simulator.account.appSecret);
	return message;
}

test('reports each cause with its own message', async () => {
	const sentences: Record<string, string> = {};
	const remember = async (what: string, fault?: Fault) => {
		if (fault !== undefined) drive.simulator.failNext(fault);
		sentences[what] = await complaint();
	};
	const good = { ...drive.credential };
	const set = (fields: object) => (drive.credential = { ...good, ...fields });

	set({ accessToken: 'a-token-that-has-died' });
	await remember('token');
	drive.credential = { ...appCredential(drive), appSecret: 'another-secret' };
	await remember('secret');
	set({ userId: '1' });
	await remember('user');
	set({});
	drive.clock.ahead = 3_600_000;
	await remember('clock');
	drive.clock.ahead = 0;
	await remember('html', faults.html());
	await remember('code', faults.code(13000301, 'space missing'));
	await remember('redirect', faults.redirect('http://127.0.0.1:9/'));
	set({ endpoint: 'http://127.0.0.1:9' });
	await remember('unreachable');
	set({ endpoint: 'koodrive' });
	await remember('endpoint');
	set({ endpoint: `${drive.simulator.endpoint}/elsewhere` });
	await remember('path');
	set({ accessToken: '' });
	await remember('empty');

	expect(sentences).toEqual({
		token: expect.stringContaining('rejected the access token') as string,
		secret: expect.stringContaining('rejected the signature') as string,
		user: expect.stringContaining('denied access') as string,
		clock: expect.stringContaining('(clock skew') as string,
		html: expect.stringContaining("response isn't from KooDrive") as string,
		code: expect.stringContaining("KooDrive space doesn't exist") as string,
		redirect: expect.stringContaining('redirected the request') as string,
		unreachable: expect.stringContaining('connection was refused') as string,
		endpoint: expect.stringContaining("'Endpoint' must be a complete https:// address") as string,
		path: expect.stringContaining("backup service wasn't found") as string,
		empty: expect.stringContaining("'Access Token' is empty") as string,
	});
	expect(new Set(Object.values(sentences)).size).toBe(Object.keys(sentences).length);
});

test('does not follow a redirect', async () => {
	const thief = await new KooDriveSimulator().start();
	drive.simulator.failNext(faults.redirect(thief.endpoint));
	await complaint();
	await thief.stop();
	expect(thief.requests).toEqual([]);
});

test('redacts a secret that KooDrive repeats', async () => {
	drive.simulator.failNext(faults.echo(401));
	expect(await complaint()).toContain('Unknown credential ***');
});

test.each([
	['an empty token', { accessToken: ' ' }, "'Access Token' is empty."],
	[
		'a token with a space',
		{ accessToken: 'a b' },
		"'Access Token' contains a space, a line break,",
	],
	['cookies', { accessToken: 'a=b; c=d' }, "'Access Token' contains cookies, but none with"],
	['an empty user ID', { userId: '' }, "'User ID' is empty."],
	[
		'an empty secret',
		{ authentication: 'app', appId: '1', appSecret: '' },
		"'App Secret' is empty.",
	],
])('says once what to do about %s, and sends nothing', async (_what, fields, fact) => {
	drive.credential = { ...drive.credential, ...fields };
	const message = await complaint();
	expect(message).toContain(fact);
	expect(message.split('Open the KooDrive API credential')).toHaveLength(2);
	expect(drive.simulator.requests).toEqual([]);
});

test.each([
	['Cookie: lang=en; Authorization=Bearer%2B{token}'],
	['"{token}"'],
	['Authorization: Bearer {token}'],
])('accepts the token pasted as %s', async (pasted) => {
	const { accessToken } = drive.simulator.account;
	drive.credential.accessToken = pasted.replace('{token}', accessToken);
	expect(await press()).toMatchObject({ status: 'OK' });
});

test('mentions a user ID that is not a number where KooDrive rejects the credential', async () => {
	const hint = "'User ID' is usually a number. A user name or an email address isn't a user ID.";
	drive.credential.userId = '1';
	expect(await complaint()).not.toContain(hint);
	drive.credential.userId = 'jane@example.com';
	expect(await complaint()).toContain(hint);
	drive.simulator.account.userId = 'jane@example.com';
	expect(await press()).toMatchObject({ status: 'OK' });
	await drive.simulator.stop();
	expect(await complaint()).not.toContain(hint);
	await drive.simulator.start();
});

test('reports an empty credential', async () => {
	const empty = { id: '', name: '', type: 'kooDriveApi' };
	const { message } = await testCredential(testContext(), empty, drive.clock);
	expect(message).toContain("'Endpoint' is empty");
});

test('reads no more than 1 MiB of a response, then closes the connection', async () => {
	let closed: Promise<unknown> | undefined;
	await drive.listen(
		createServer((_request, response) => {
			closed = once(response, 'close');
			const chunk = Buffer.alloc(64 * 1024, '0');
			const more = () => void (response.destroyed || response.write(chunk, more));
			more();
		}),
	);
	expect(await complaint()).toContain('response is larger than 1 MiB');
	await closed;
});
