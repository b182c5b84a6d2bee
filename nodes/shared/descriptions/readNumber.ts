import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

/**
 * Reads a whole number; text is accepted, because an expression may return it.
 *
 * @param name what it's called in the editor, for example `Max Tries`
 * @param field the field in which it was entered, with its bounds
 * @throws UserError when it isn't a whole number, or out of its bounds
 */
export function readWholeNumber(
	value: unknown,
	name: string,
	{ typeOptions: { minValue = 0, maxValue = Infinity } = {} }: INodeProperties,
): number {
	const isWritten = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
	const number = isWritten ? Number(value) : NaN;
	if (Number.isInteger(number) && number >= minValue && number <= maxValue) return number;
	const bounds =
		maxValue === Infinity ? `of at least ${minValue}` : `from ${minValue} to ${maxValue}`;
	throw new UserError(`'${name}' must be a whole number ${bounds}.`);
}
