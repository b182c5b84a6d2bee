import { workflowOf } from '../engine';
import { continueOnFail, continueWithErrorOutput, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();

const containing = (text: string) => expect.stringContaining(text) as string;

test('passes on the failed item in its place with "Continue"', async () => {
	const items = [...drive.locks(1), { lockId: 'gone@100' }, ...drive.locks(1)];
	const { items: output } = await drive.run(items, {}, continueOnFail);
	expect(output('Next')).toMatchObject([
		{ json: { code: 0, msg: 'success' } },
		{
			json: {
				error: expect.stringContaining('Lock "gone@100" was not renewed') as string,
				message: containing('Start the backup again'),
				details: {
					lockId: 'gone@100',
					code: 13000309,
					msg: 'resource does not exist',
					httpCode: 400,
				},
			},
			pairedItem: { item: 1 },
		},
		{ json: { code: 0, msg: 'success' } },
	]);
});

test('passes failed items, and only those, to the error output', async () => {
	const items = [...drive.locks(1), { lockId: 'gone@100' }];
	const { json } = await drive.run(items, {}, continueWithErrorOutput);
	expect(json('Next')).toEqual([{ code: 0, msg: 'success' }]);
	expect(json('Failed')).toEqual([
		{
			lockId: 'gone@100',
			error: expect.stringContaining('Lock "gone@100" was not renewed') as string,
			message: expect.stringContaining('Start the backup again') as string,
			details: {
				lockId: 'gone@100',
				code: 13000309,
				msg: 'resource does not exist',
				httpCode: 400,
			},
		},
	]);
});

test('tries every lock, then says how many were not renewed and why', async () => {
	const items = drive.locks(10);
	items[3] = { lockId: 'first@100' };
	items[7] = { lockId: 'second@100' };
	const error = errorOf(await drive.run(items));
	expect(drive.simulator.requests).toHaveLength(10);
	expect(error.message).toMatch(
		/^2 of 10 locks were not renewed\. The first: Lock "first@100" was not renewed: the lock doesn't exist/,
	);
	expect(error.context).toMatchObject({ itemIndex: 3 });
	expect(error.description).toContain("set 'On Error'");
});

test('gives both items with the same ID the reason', async () => {
	const gone = { lockId: 'gone@100' };
	const { json } = await drive.run([gone, gone], {}, continueOnFail);
	expect(drive.simulator.requests).toHaveLength(1);
	expect(json('Next')).toMatchObject([
		{ details: { lockId: 'gone@100', code: 13000309 } },
		{ details: { lockId: 'gone@100', code: 13000309 } },
	]);
});

test.each([
	['first', 0],
	['middle', 4],
	['last', 8],
])('renews the other locks when the %s lock does not exist', async (_where, position) => {
	const items = drive.locks(9);
	items[position] = { lockId: 'gone@100' };
	const { json } = await drive.run(items, {}, continueOnFail);
	const failed = json('Next').flatMap(({ error }, item) => (error === undefined ? [] : [item]));
	expect(failed).toEqual([position]);
	expect(drive.simulator.requests).toHaveLength(9);
});

test('fails only the item whose Lock ID expression fails', async () => {
	const lockId = '={{ $itemIndex === 1 ? $("Nowhere").item.json.lockId : $json.lockId }}';
	const { json } = await drive.run(drive.locks(3), { lockId }, continueOnFail);
	expect(json('Next')).toEqual([
		{ code: 0, msg: 'success' },
		{
			error: containing('The lock was not renewed: '),
			message: containing('Nothing was sent'),
			details: {},
		},
		{ code: 0, msg: 'success' },
	]);
});

// When a node throws, n8n passes its input on as its output if On Error is "Continue".
describe('when nothing can be sent, every item fails', () => {
	const missing = containing("The node couldn't start: Node does not have any credentials set");

	test('without a credential', async () => {
		const items = [{ lockId: 'a@100' }, { lockId: ' ' }];
		const { json } = await drive.engine.run(workflowOf(items, {}, continueOnFail));
		expect(json('Next')).toMatchObject([
			{ error: missing, details: { lockId: 'a@100' } },
			{ error: missing, details: {} },
		]);
	});

	test('without a credential, on the error output', async () => {
		const items = [{ lockId: 'a@100' }];
		const { json } = await drive.engine.run(workflowOf(items, {}, continueWithErrorOutput));
		expect(json('Next')).toEqual([]);
		expect(json('Failed')).toMatchObject([{ error: missing, details: { lockId: 'a@100' } }]);
	});

	test.each([
		[
			'an operation that does not exist',
			{ operation: 'destroy' },
			"The operation 'destroy' isn't supported",
		],
		['an invalid Max Concurrency', { options: { maxConcurrency: 0 } }, 'Max Concurrency'],
	])('with %s', async (_what, parameters, why) => {
		const { json } = await drive.run([{ lockId: 'a@100' }], parameters, continueOnFail);
		expect(json('Next')).toHaveLength(1);
		expect(json('Next')[0]).toMatchObject({ error: containing(why) });
		expect(drive.simulator.requests).toEqual([]);
	});
});

test("stops with n8n's own error without a credential if On Error is Stop Workflow", async () => {
	const error = errorOf(await drive.engine.run(workflowOf([{ lockId: 'a@100' }])));
	expect(error.message).toBe('Node does not have any credentials set');
});
