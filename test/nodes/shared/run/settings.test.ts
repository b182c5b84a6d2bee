import type { INodeProperties } from 'n8n-workflow';

import { wholeNumber } from '../../../../dist/nodes/shared/run/settings';

const field: INodeProperties = { displayName: 'Limit', name: 'limit', type: 'number', default: 3 };
const read = (value: unknown, typeOptions?: INodeProperties['typeOptions']) =>
	wholeNumber(value, 'Limit', { ...field, ...(typeOptions && { typeOptions }) });

test.each([0, 5, '5', ' 5 ', 1e15])('%j is a whole number', (value) => {
	expect(read(value)).toBe(Number(value));
});

test.each(['', ' ', null, undefined, true, [5], {}, -1, 1.5, '1.5', 'many', NaN, Infinity])(
	'%p is none, though some of these would pass for 0, 1 or 5',
	(value) => {
		expect(() => read(value)).toThrow(
			'The Limit is not a whole number of at least 0. Correct it; its default is 3.',
		);
	},
);

test('the bounds belong to what is allowed', () => {
	const bounds = { minValue: 2, maxValue: 4 };
	expect([2, 4].map((value) => read(value, bounds))).toEqual([2, 4]);
	for (const value of [1, 5]) {
		expect(() => read(value, bounds)).toThrow('The Limit is not a whole number from 2 to 4.');
	}
});
