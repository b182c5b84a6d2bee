import { createServer } from 'node:http';

import type { INodePropertyOptions } from 'n8n-workflow';

import { tokenFormatField } from '#dist/credentials/authentication/tokenFormat';
import { testCredential } from '#dist/nodes/shared/credentialTest';
import { testContext } from '../engine/credentialTest';
import type { Fault } from '../simulator';
import { faults } from '../simulator';
import { appCredential, useKooDrive } from '../setup';

const drive = useKooDrive();

/** What the test of a credential says when KooDrive accepts this format. */
function advice(format: string): string {
	const options = tokenFormatField.options as INodePropertyOptions[];
	const { name } = options.find(({ value }) => value === format)!;
	return `KooDrive accepts the token in another format: select '${name}' in 'Token Format'.`;
}

const sent = () => drive.simulator.requests.map(({ headers }) => headers.authorization);

async function complaint(): Promise<string> {
	const credential = { id: '', name: '', type: 'kooDriveApi', data: drive.credential };
	const { status, message } = await testCredential(testContext(), credential, drive.clock);
	expect(status).toBe('Error');
	expect(message).not.toContain(drive.simulator.account.accessToken);
	return message;
}

/** Makes the simulator reject tokens that begin like this. */
function reject(scheme: string, fault: Fault = faults.status(401)): void {
	drive.simulator.faultFor = ({ headers }) =>
		headers.authorization?.startsWith(scheme) === true ? fault : undefined;
}

test.each([
	['bearerPlus', 'Bearer+', 'bearerSpace'],
	['bearerSpace', 'Bearer ', 'bearerPlus'],
])(
	'names the format that KooDrive accepts if it rejects %s',
	async (tokenFormat, scheme, other) => {
		drive.credential.tokenFormat = tokenFormat;
		reject(scheme);
		expect(await complaint()).toContain(advice(other));
		expect(sent()).toHaveLength(2);
	},
);

test('tries both standard formats for a token that is sent as entered', async () => {
	drive.credential.tokenFormat = 'raw';
	expect(await complaint()).toContain(advice('bearerPlus'));
});

test('takes the default format for a credential without one', async () => {
	delete drive.credential.tokenFormat;
	reject('Bearer+');
	expect(await complaint()).toContain(advice('bearerSpace'));
});

test('names the format after HTTP 400 without a code, which may mean failed authentication', async () => {
	reject('Bearer+', faults.status(400));
	expect(await complaint()).toContain(advice('bearerSpace'));
});

test('counts a format as accepted if KooDrive rejects the request for another reason', async () => {
	drive.credential.userId = '1';
	reject('Bearer+');
	expect(await complaint()).toContain(advice('bearerSpace'));
});

test('says that a token which is rejected in both formats has expired or is wrong', async () => {
	drive.credential.accessToken = 'a-token-that-has-expired';
	expect(await complaint()).toContain(
		"rejects it in every 'Token Format', so the token has expired or is wrong",
	);
	expect(sent()).toEqual(['Bearer+a-token-that-has-expired', 'Bearer a-token-that-has-expired']);
});

test('claims nothing about the token if KooDrive does not respond to the other format', async () => {
	const responses = [faults.status(401), faults.status(503)];
	drive.simulator.faultFor = () => responses.shift();
	expect(await complaint()).not.toContain('in every');
});

test.each([
	['a signature', () => (drive.credential = { ...appCredential(drive), appSecret: 'another' })],
	['another reason', () => drive.simulator.failNext(faults.code(13000301, 'space missing'))],
])('tries no other format if KooDrive rejects %s', async (_what, prepare) => {
	prepare();
	await complaint();
	expect(sent()).toHaveLength(1);
});

test('sends the token to the endpoint alone', async () => {
	reject('Bearer', faults.redirect(drive.simulator.endpoint));
	await complaint();
	expect(sent()).toHaveLength(1);
});

test('gives the other formats 10 seconds in all', async () => {
	let attempts = 0;
	await drive.listen(
		createServer((_request, response) => {
			attempts++;
			if (attempts < 3) response.writeHead(401).end();
		}),
	);
	drive.credential.tokenFormat = 'raw';
	drive.clock.monotonic = () => attempts * 9_900;
	const began = performance.now();
	expect(await complaint()).not.toContain('in every');
	expect(performance.now() - began).toBeLessThan(5_000);
	expect(attempts).toBe(3);
});
