import { workflowOf } from '../../engine';
import { continueOnFail, continueWithErrorOutput, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive();
const containing = (text: string) => expect.stringContaining(text) as string;

test('fails only the item whose Lock ID cannot be evaluated', async () => {
	const lockId = '={{ $itemIndex === 1 ? $("Nowhere").item.json.lockId : $json.lockId }}';
	const { json } = await drive.run(drive.locks(3), { lockId }, continueOnFail);
	expect(json('Next')).toEqual([
		{ code: 0, msg: 'success' },
		{ error: containing('The lock was not renewed: ') },
		{ code: 0, msg: 'success' },
	]);
});

test('fails every item when the last, whose Lock ID cannot be evaluated, is not even tried', async () => {
	await drive.simulator.stop();
	const lockId = '={{ $itemIndex === 9 ? $("Nowhere").item.json.lockId : $json.lockId }}';
	const { json } = await drive.run(
		Array.from({ length: 10 }, (_, index) => ({ lockId: `${index}@100` })),
		{ lockId, options: { maxConcurrency: 1 } },
		continueOnFail,
	);
	expect(json('Next')).toHaveLength(10);
	expect(json('Next')[8]).toEqual({ error: containing('was not tried'), lockId: '8@100' });
	expect(json('Next')[9]).toEqual({ error: containing('was not tried') });
	await drive.simulator.start();
});

// n8n hands a node's input on as its output if the node throws although the workflow is to go on.
describe('when nothing can be sent at all, no item passes for renewed', () => {
	const missing = containing('The node could not start: Node does not have any credentials set');

	test('without a credential', async () => {
		const items = [{ lockId: 'a@100' }, { lockId: ' ' }];
		const { json } = await drive.engine.run(workflowOf(items, {}, continueOnFail));
		expect(json('Next')).toEqual([{ error: missing, lockId: 'a@100' }, { error: missing }]);
	});

	test('without a credential, on the error output', async () => {
		const items = [{ lockId: 'a@100' }];
		const { json } = await drive.engine.run(workflowOf(items, {}, continueWithErrorOutput));
		expect(json('Next')).toEqual([]);
		expect(json('Failed')).toMatchObject([{ error: missing, details: { lockId: 'a@100' } }]);
	});

	test.each([
		['an operation that there is not', { operation: 'destroy' }, 'instead of "destroy"'],
		['a Max Concurrency that cannot be', { options: { maxConcurrency: 0 } }, 'Max Concurrency'],
	])('with %s', async (_what, parameters, why) => {
		const { json } = await drive.run([{ lockId: 'a@100' }], parameters, continueOnFail);
		expect(json('Next')).toHaveLength(1);
		expect(json('Next')[0]).toMatchObject({ error: containing(why) });
		expect(drive.simulator.requests).toEqual([]);
	});
});

test("stops with n8n's own error without a credential, where the workflow is not to go on", async () => {
	const error = errorOf(await drive.engine.run(workflowOf([{ lockId: 'a@100' }])));
	expect(error.message).toBe('Node does not have any credentials set');
});
