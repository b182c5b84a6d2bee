import { testKeepAlive } from '../compatibility/versions';
import type { Executed } from '../engine';
import { continueOnFail, errorOf, useKooDrive } from '../setup';
import { faults } from '../simulator';

const drive = useKooDrive();

async function refusal(): Promise<string> {
	const { message, name } = errorOf(await drive.run(drive.locks(1)));
	expect(drive.simulator.requests).toEqual([]);
	expect(name).toBe('NodeOperationError');
	return message;
}

test.each([
	['is empty', ''],
	['is only white space', ' \t\n'],
	['is missing', undefined],
	['contains a space', 'a b'],
	['contains a line break, which would add a header', 'a\r\nX-Evil: 1'],
	['contains a character outside ASCII', 'schlüssel@100'],
])('rejects a Lock ID that %s before sending anything', async (_what, lockId) => {
	const error = errorOf(await drive.run([{ lockId }]));
	expect(error.name).toBe('NodeOperationError');
	expect(error.message).toMatch(/^The lock was not renewed: 'Lock ID' /);
	expect(error.context).toMatchObject({ itemIndex: 0 });
	expect(drive.simulator.requests).toEqual([]);
});

test.each([42, ['a@100'], { lockId: 'a@100' }])(
	'says that a Lock ID must be text, not that it is empty: %j',
	async (lockId) => {
		const { message } = errorOf(await drive.run([{ lockId }]));
		expect(message).toMatch(
			/^The lock was not renewed: 'Lock ID' must be text, but the expression returned an? /,
		);
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
])('rejects a credential whose %s cannot be sent (%s: %j)', async (shown, field, value) => {
	Object.assign(drive.credential, { [field]: value });
	const message = await refusal();
	expect(message).toContain(`'${shown}' `);
	expect(message).toContain('Open the KooDrive API credential');
});

test.each([
	['App ID', 'appId', ''],
	['App Secret', 'appSecret', ' '],
])('rejects a credential without %s', async (shown, field, value) => {
	drive.credential = { ...drive.credential, authentication: 'app', appId: 'i', appSecret: 's' };
	drive.credential[field] = value;
	expect(await refusal()).toContain(`'${shown}' is empty`);
});

test.each([
	['', 'is empty'],
	['koodrive.example', 'must be a complete https:// address'],
	['//koodrive.example', 'must be a complete https:// address'],
	['ftp://koodrive.example', 'must be a complete https:// address'],
	['http://koodrive.example', 'must use https://'],
	['http://127.0.0.1.koodrive.example', 'must use https://'],
	['https://me:secret@koodrive.example', 'must not contain a user name'],
	['https://koodrive.example?a=1', 'must not contain a query'],
	['https://koodrive.example/#', 'must not contain a query'],
])('rejects the Endpoint %j', async (endpoint, why) => {
	drive.credential.endpoint = endpoint;
	expect(await refusal()).toContain(`'Endpoint' ${why}`);
});

test('removes the slash at the end of the Endpoint', async () => {
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
])('rejects the option %s outside its bounds', async (name, options) => {
	const error = errorOf(await drive.run(drive.locks(1), { options }));
	expect(error.message).toContain(`'${name}' must be a whole number from 1 to`);
	expect(drive.simulator.requests).toEqual([]);
});

describe('a credential with expressions', () => {
	/** Accepts every user, and returns which user each lock was renewed as. */
	const users = () =>
		Object.fromEntries(
			drive.simulator.requests.map(({ headers }) => [
				headers['x-backup-lock-id'],
				headers['x-user-id'],
			]),
		);

	beforeEach(() => {
		drive.simulator.faultFor = () => faults.code(0, 'success');
	});

	test.each([
		['={{ $json.user }}'],
		["={{ $('Items').item.json.user }}"],
		['={{ $input.all()[$itemIndex].json.user }}'],
		['=user-{{ $itemIndex + 1 }}'],
	])('is resolved for each item: %s', async (userId) => {
		drive.credential.userId = userId;
		const { run } = await drive.run([
			{ lockId: 'a@100', user: 'user-1' },
			{ lockId: 'b@100', user: 'user-2' },
		]);
		expect(run.status).toBe('success');
		expect(users()).toEqual({ 'a@100': 'user-1', 'b@100': 'user-2' });
	});

	test('is resolved for each item although only one in the middle differs', async () => {
		drive.credential.userId = '={{ $json.vip ? "user-2" : "user-1" }}';
		const items = Array.from({ length: 50 }, (_, index) => ({
			lockId: `${index}@100`,
			...(index === 25 && { vip: true }),
		}));
		await drive.run(items);
		expect(users()).toEqual(
			Object.fromEntries(
				items.map(({ lockId }) => [lockId, lockId === '25@100' ? 'user-2' : 'user-1']),
			),
		);
	});

	test('renews the same lock once for each user', async () => {
		drive.credential.userId = '={{ $json.user }}';
		const items = ['user-1', 'user-2', 'user-1'].map((user) => ({ lockId: 'a@100', user }));
		const { json } = await drive.run(items);
		expect(json('Next')).toHaveLength(3);
		const sent = drive.simulator.requests.map(({ headers }) => headers['x-user-id']);
		expect(sent.sort()).toEqual(['user-1', 'user-2']);
	});

	testKeepAlive('renews a lock kept alive as the user of its item', async () => {
		drive.credential.userId = '={{ $json.user }}';
		const items = ['user-1', 'user-2'].map((user) => ({ lockId: `${user}@100`, user }));
		await drive.run(items, { operation: 'keepAlive', options: { releaseAtEnd: true } });
		const sent = drive.simulator.requests.map(
			({ method, headers }) => `${method} ${headers['x-backup-lock-id']} ${headers['x-user-id']}`,
		);
		expect(sent.sort()).toEqual([
			'DELETE user-1@100 user-1',
			'DELETE user-2@100 user-2',
			'PATCH user-1@100 user-1',
			'PATCH user-2@100 user-2',
		]);
	});

	test.each<[string, object]>([
		['an Endpoint that is invalid', { endpoint: 'http://koodrive.example' }],
		['a User ID that cannot be sent', { user: 'a\nb' }],
		['no field for an expression', { user: null }],
		['an expression that fails', { isWrong: true }],
	])('harms no other item where one has %s', async (_what, wrong) => {
		drive.credential.endpoint = '={{ $json.endpoint }}';
		drive.credential.userId =
			'={{ $json.isWrong ? $("Nowhere").item.json.user : $json.user.trim() }}';
		const right = { endpoint: drive.simulator.endpoint, user: 'user-1' };
		const items = ['a@100', 'b@100', 'c@100'].map((lockId) => ({ lockId, ...right }));
		for (const index of [0, 1]) {
			drive.simulator.requests.length = 0;
			const given = items.map((item, at) => (at === index ? { ...item, ...wrong } : item));
			const { json } = await drive.run(given, {}, continueOnFail);
			const failed = json('Next').map(({ error }) => error !== undefined);
			expect(failed).toEqual([0, 1, 2].map((at) => at === index));
			expect(Object.keys(users())).toHaveLength(2);
		}
	});
});

describe('a switch that an expression sets', () => {
	const switches: Array<
		[
			string,
			(on: boolean | number | string | object) => Promise<{ executed: Executed; isOn: boolean }>,
		]
	> = [
		[
			'Release at End',
			async (on) => {
				const [item] = drive.locks(1);
				const executed = await drive.run([{ ...item, on }], {
					operation: 'keepAlive',
					options: { releaseAtEnd: '={{ $json.on }}' },
				});
				return { executed, isOn: drive.simulator.locks.alive.length === 0 };
			},
		],
		[
			'Include Lock Details',
			async (on) => {
				const [item] = drive.locks(1);
				const options = { includeLockDetails: '={{ $json.on }}' };
				const executed = await drive.run([{ ...item, on }], { options });
				return { executed, isOn: executed.json('Next')[0]?.lockId !== undefined };
			},
		],
		[
			'Return All',
			async (on) => {
				for (let record = 0; record < 60; record++) drive.simulator.records.create('100', 'a');
				const parameters = {
					operation: 'getAll',
					moduleCode: '100',
					returnAll: '={{ $json.on }}',
				};
				const executed = await drive.runRecord(parameters, [{ on }]);
				return { executed, isOn: executed.json('Next').length === 60 };
			},
		],
	];

	describe.each(switches)('%s', (name, runWith) => {
		const testOf = name === 'Release at End' ? testKeepAlive : test;

		testOf.each([
			[true, true],
			['true', true],
			[' TRUE ', true],
			[false, false],
			['false', false],
		])('takes %j as %j', async (value, expected) => {
			const { executed, isOn } = await runWith(value);
			expect(executed.run.status).toBe('success');
			expect(isOn).toBe(expected);
		});

		test.each([1, 0, 'yes', {}])('rejects %j before sending anything', async (value) => {
			const { executed } = await runWith(value);
			expect(errorOf(executed).message).toMatch(new RegExp(`${name}.* true or false`));
			expect(drive.simulator.requests).toEqual([]);
		});
	});
});

test('renews the other locks when one Lock ID is invalid', async () => {
	const { json } = await drive.run(
		[...drive.locks(1), { lockId: '' }, ...drive.locks(1)],
		{},
		continueOnFail,
	);
	expect(drive.simulator.requests).toHaveLength(2);
	expect(json('Next')[1]).toMatchObject({
		error: expect.stringContaining(
			"'Lock ID' contains an expression that returned nothing",
		) as string,
	});
});

test('rejects an operation that does not exist', async () => {
	const error = errorOf(await drive.run(drive.locks(1), { operation: 'destroy' }));
	expect(error.message).toContain('destroy');
	expect(drive.simulator.requests).toEqual([]);
});

test('accepts any printable ASCII in a Lock ID and trims white space', async () => {
	drive.simulator.locks.create('100', '!weird~"lock\'<&>@');
	await drive.run([{ lockId: ' !weird~"lock\'<&>@\n' }]);
	expect(drive.simulator.requests[0]!.headers['x-backup-lock-id']).toBe('!weird~"lock\'<&>@');
});

test('shortens a Lock ID of 1 MB in the error and sends a long one in full', async () => {
	const lockId = 'x'.repeat(1_000_000);
	const { json } = await drive.run([{ lockId }], {}, continueOnFail);
	expect(String(json('Next')[0]!.error).length).toBeLessThan(500);
	const shorter = 'y'.repeat(5_000);
	await drive.run([{ lockId: shorter }], {}, continueOnFail);
	expect(drive.simulator.requests.at(-1)!.headers['x-backup-lock-id']).toBe(shorter);
});
