import type { INodeCredentialTestResult } from 'n8n-workflow';

import { credentialTest, testCredential } from '../../../dist/nodes/shared/credentialTest';
import { testContext } from '../../engine/credentialTest';
import type { Fault } from '../../simulator';
import { faults, KooDriveSimulator } from '../../simulator';
import { appCredential, useKooDrive } from '../setup';

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

test.each(kinds)('accepts %s by a read that changes nothing', async (_kind, credential) => {
	drive.credential = credential();
	expect(await press()).toEqual({ status: 'OK', message: 'KooDrive accepts this credential' });
	expect(drive.simulator.requests).toMatchObject([
		{ method: 'GET', target: '/koodrive/ose/v1/backup/record?moduleCode=100&pageSize=1' },
	]);
});

test('is offered to n8n as the test of the credential', () => {
	const { credentials } = drive.engine.node.description;
	expect(credentials).toEqual([
		{ name: 'kooDriveApi', required: true, testedBy: 'kooDriveApiTest' },
	]);
	expect(drive.engine.node.methods?.credentialTest).toHaveProperty('kooDriveApiTest');
});

test('goes by the clock of the machine when n8n calls it', async () => {
	const credential = { id: '', name: '', type: 'kooDriveApi', data: appCredential(drive) };
	const { status } = await credentialTest.kooDriveApiTest.call(testContext(), credential);
	expect(status).toBe('OK');
});

async function complaint(): Promise<string> {
	const { status, message } = await press();
	expect(status).toBe('Error');
	expect(message).not.toContain(drive.simulator.account.accessToken);
	expect(message).not.toContain(drive.simulator.account.appSecret);
	return message;
}

test('each thing that can be wrong has a sentence of its own', async () => {
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
		token: expect.stringContaining('refused the access token') as string,
		secret: expect.stringContaining('refused the signature') as string,
		user: expect.stringContaining('does not allow this user') as string,
		clock: expect.stringContaining('the clock of the machine that n8n runs on differs') as string,
		html: expect.stringContaining("the answer is not KooDrive's") as string,
		code: expect.stringContaining('space on KooDrive is missing') as string,
		redirect: expect.stringContaining('sent the request on to another address') as string,
		unreachable: expect.stringContaining('the connection was refused') as string,
		endpoint: expect.stringContaining('The Endpoint is not a complete https address') as string,
		path: expect.stringContaining('there is no backup service at the Endpoint') as string,
		empty: expect.stringContaining('The Access Token is empty') as string,
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

test('repeats no secret that KooDrive repeats', async () => {
	drive.simulator.failNext(faults.echo(401));
	expect(await complaint()).toContain('Unknown credential Bearer+***');
});

test('says so when the credential holds nothing yet', async () => {
	const empty = { id: '', name: '', type: 'kooDriveApi' };
	const { message } = await testCredential(testContext(), empty, drive.clock);
	expect(message).toContain('The Endpoint is empty');
});
