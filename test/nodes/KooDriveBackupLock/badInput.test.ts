import { continueOnFail, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();

async function refusal(): Promise<string> {
	const { message, name } = errorOf(await drive.run(drive.locks(1)));
	expect(drive.simulator.requests).toEqual([]);
	expect(name).toBe('NodeOperationError');
	return message;
}

test.each([
	['is empty', ''],
	['is blank', ' \t\n'],
	['is missing', undefined],
	['holds a blank', 'a b'],
	['holds a line break, which would smuggle in a header', 'a\r\nX-Evil: 1'],
	['holds something outside ASCII', 'schlüssel@100'],
])('refuses a lock ID that %s before anything is sent', async (_what, lockId) => {
	const error = errorOf(await drive.run([{ lockId }]));
	expect(error.name).toBe('NodeOperationError');
	expect(error.message).toMatch(/^The lock was not renewed: The Lock ID /);
	expect(error.context).toMatchObject({ itemIndex: 0 });
	expect(drive.simulator.requests).toEqual([]);
});

test.each([42, ['a@100'], { lockId: 'a@100' }])(
	'does not call a lock ID empty that is no text: %j',
	async (lockId) => {
		const { message } = errorOf(await drive.run([{ lockId }]));
		expect(message).toMatch(/^The lock was not renewed: The Lock ID is not text\. Enter the ID/);
		expect(drive.simulator.requests).toEqual([]);
	},
);

test.each([
	['User ID', 'userId', ''],
	['User ID', 'userId', 'me\r\nX-Evil: 1'],
	['Access Token', 'accessToken', ''],
	['Access Token', 'accessToken', undefined],
	['Access Token', 'accessToken', '  Bearer+  '],
	['Access Token', 'accessToken', 'tok en'],
	['Token Format', 'tokenFormat', 'other'],
])('refuses a credential whose %s cannot be sent (%s: %j)', async (shown, field, value) => {
	Object.assign(drive.credential, { [field]: value });
	const message = await refusal();
	expect(message).toContain(`The ${shown} `);
	expect(message).toContain('Open the KooDrive API credential');
});

test.each([
	['App ID', 'appId', ''],
	['App Secret', 'appSecret', ' '],
])('refuses a credential whose %s is missing', async (shown, field, value) => {
	drive.credential = { ...drive.credential, authentication: 'app', appId: 'i', appSecret: 's' };
	drive.credential[field] = value;
	expect(await refusal()).toContain(`The ${shown} is empty`);
});

test.each([
	['', 'is empty'],
	['koodrive.example', 'is not a complete https address'],
	['//koodrive.example', 'is not a complete https address'],
	['ftp://koodrive.example', 'is not a complete https address'],
	['http://koodrive.example', 'begins with http'],
	['http://127.0.0.1.koodrive.example', 'begins with http'],
	['https://me:secret@koodrive.example', 'holds a user name'],
	['https://koodrive.example?a=1', 'holds a query or a fragment'],
	['https://koodrive.example/#', 'holds a query or a fragment'],
])('refuses the endpoint %j', async (endpoint, why) => {
	drive.credential.endpoint = endpoint;
	expect(await refusal()).toContain(`The Endpoint ${why}`);
});

test('drops the slash at the end of an endpoint', async () => {
	drive.credential.endpoint = `${drive.simulator.endpoint}/`;
	await drive.run(drive.locks(1));
	expect(drive.simulator.requests[0]!.target).toBe('/koodrive/ose/v1/backup/lock');
});

test.each([
	['Max Tries', { maxTries: 0 }],
	['Max Tries', { maxTries: 11 }],
	['Timeout', { timeout: 0.5 }],
	['Max Concurrency', { maxConcurrency: 1001 }],
	['Max Concurrency', { maxConcurrency: 'many' }],
])('refuses an option %s that is out of its bounds', async (name, options) => {
	const error = errorOf(await drive.run(drive.locks(1), { options }));
	expect(error.message).toContain(`The option ${name} is not a whole number from 1 to`);
	expect(drive.simulator.requests).toEqual([]);
});

test('renews the other locks when one lock ID is wrong', async () => {
	const { json } = await drive.run(
		[...drive.locks(1), { lockId: '' }, ...drive.locks(1)],
		{},
		continueOnFail,
	);
	expect(drive.simulator.requests).toHaveLength(2);
	expect(json('Next')[1]).toEqual({
		error: expect.stringContaining('The Lock ID is empty') as string,
	});
});

test('refuses an operation that it does not have', async () => {
	const error = errorOf(await drive.run(drive.locks(1), { operation: 'destroy' }));
	expect(error.message).toContain('destroy');
	expect(drive.simulator.requests).toEqual([]);
});
