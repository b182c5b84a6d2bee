import type { INodeProperties } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import type { ItemParameters } from './itemParameters';

const BOOLEANS = new Map<unknown, boolean>([
	[true, true],
	['true', true],
	[false, false],
	['false', false],
]);

/**
 * Reads a switch, which an expression may have set: to text too, but to nothing else.
 *
 * @param name what it's called in the editor, for example `Release at End`
 * @throws UserError when it's neither true nor false
 */
export function readBoolean(value: unknown, name: string): boolean {
	const isOn = BOOLEANS.get(typeof value === 'string' ? value.trim().toLowerCase() : value);
	if (isOn !== undefined) return isOn;
	throw new UserError(`'${name}' must be true or false.`);
}

/**
 * @returns an entry of the Options that is a switch, or its default where the item doesn't set it
 * @throws UserError when it's neither true nor false
 */
export function readBooleanOption(item: ItemParameters, option: INodeProperties): boolean {
	const value = item.getParameter(`options.${option.name}`) ?? option.default;
	return readBoolean(value, option.displayName);
}
