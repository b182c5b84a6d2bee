import type { INodeProperties } from 'n8n-workflow';

import { resources } from '#dist/nodes/KooDriveBackupLock/operations/index';
import { getReason } from '#dist/nodes/shared/errors/reasons';
import { createItemParameters, numberField } from '#dist/nodes/shared/execution/fields';
import { describeItem, readId } from '#dist/nodes/shared/execution/output';
import type { Attempts } from '#dist/nodes/shared/errors/failure';

describe('the error of an item', () => {
	const operation = (name: string) =>
		resources[0]!.operations.find(({ option }) => option.value === name)!;

	const made = (more: Partial<Attempts> = {}): Attempts => ({
		count: 1,
		outcomeUnknown: false,
		startedAt: 0,
		...more,
	});

	test('joins its sentences with spaces', () => {
		const { message, description } = describeItem(operation('renew'), {
			ok: false,
			failure: { reason: 'unavailable' },
			attempts: made({ count: 3 }),
			id: 'a',
		});
		const reason = getReason('unavailable');
		expect(message).toBe(`Lock "a" was not renewed: ${reason.message}`);
		expect(description).toBe(`${reason.description} The request was sent 3 times.`);
	});

	test.each([made(), undefined])(
		'omits the number of attempts if there was one: %j',
		(attempts) => {
			const { description } = describeItem(operation('renew'), {
				ok: false,
				failure: { reason: 'rejected' },
				...(attempts && { attempts }),
				id: 'a',
			});
			expect(description).not.toMatch(/was sent|false|undefined/);
		},
	);

	test.each([
		['maxAttempts', "Reached the 'Max Tries' limit"],
		['deadline', 'limit of 60 seconds'],
		['longDeadline', 'limit of 9 minutes'],
		['circuitOpen', 'unreachable for 60 seconds'],
	] as const)('says why there was no further attempt: %s', (gaveUp, words) => {
		const { description } = describeItem(operation('renew'), {
			ok: false,
			failure: { reason: 'unavailable' },
			attempts: made({ count: 3, gaveUp }),
			id: 'a',
		});
		expect(description).toContain('The request was sent 3 times.');
		expect(description).toContain(words);
	});

	test.each([
		['the last attempt may have created one', 'responseTimeout', false, true],
		['an earlier attempt may have created one', 'unavailable', true, true],
		['no attempt can have created one', 'unavailable', false, false],
	] as const)(
		'warns that a lock may exist only if an attempt may have created it: %s',
		(_what, reason, outcomeUnknown, warned) => {
			const { message, description } = describeItem(operation('create'), {
				ok: false,
				failure: { reason },
				attempts: made({ outcomeUnknown }),
			});
			expect(description.includes('may have created a lock')).toBe(warned);
			expect(message).toMatch(/^The lock was not created: /);
		},
	);

	const parameters = (resolve: () => unknown) => createItemParameters({}, resolve);

	test('shortens an ID of 1 MB', () => {
		const failure = { reason: 'rejected' } as const;
		const id = 'x'.repeat(1_000_000);
		const { message } = describeItem(operation('renew'), { ok: false, failure, id });
		expect(message.length).toBeLessThan(300);
		expect(message).toContain('(1000000 characters)');
	});

	test.each<[unknown, string | undefined]>([
		[' a ', 'a'],
		[' ', undefined],
		[7, undefined],
		[null, undefined],
	])('reads the ID %j of a failed item as %j', (value, id) => {
		expect(
			readId(
				{ idField: 'lockId' },
				parameters(() => value),
			),
		).toBe(id);
	});

	test('ignores an ID whose expression fails', () => {
		const failing = parameters(() => {
			throw new Error('expression');
		});
		expect(readId({ idField: 'lockId' }, failing)).toBeUndefined();
		expect(readId({}, failing)).toBeUndefined();
	});
});

describe('whole numbers', () => {
	const field: INodeProperties = {
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		default: 3,
	};

	const read = (value: unknown, typeOptions?: INodeProperties['typeOptions']) =>
		numberField({ ...field, ...(typeOptions && { typeOptions }) }).read(value);

	test.each([0, 5, '5', ' 5 ', 1e15])('are read from %j', (value) => {
		expect(read(value)).toBe(Number(value));
	});

	test('are the default where none is set', () => {
		expect(read(null)).toBe(3);
	});

	test.each(['', ' ', true, [5], {}, -1, 1.5, '1.5', 'many', NaN, Infinity])(
		'are not read from %p',
		(value) => {
			expect(() => read(value)).toThrow("'Limit' must be a whole number of at least 0.");
		},
	);

	test('include their bounds', () => {
		const bounds = { minValue: 2, maxValue: 4 };
		expect([2, 4].map((value) => read(value, bounds))).toEqual([2, 4]);
		for (const value of [1, 5]) {
			expect(() => read(value, bounds)).toThrow("'Limit' must be a whole number from 2 to 4.");
		}
	});
});
