import get from 'lodash/get';
import memoize from 'lodash/memoize';
import type {
	IDataObject,
	INodeParameterResourceLocator,
	INodeProperties,
	INodePropertyCollection,
} from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { readHeaderValue, readText } from '../../../credentials/input';

/** A field in the editor that reads and validates itself; it throws UserError when its value isn't valid. */
export interface Field<Value> {
	property: INodeProperties;
	/** @param value with expressions resolved and locators unwrapped; `null` where it isn't set */
	read: (value: unknown) => Value;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Fields = Readonly<Record<string, Field<any>>>;

/** What fields read, by the names under which they are listed. */
export type Values<Of extends Fields> = {
	[Name in keyof Of]: Of[Name] extends Field<infer Value> ? Value : never;
};

/** The parameters of one item. */
export interface ItemParameters {
	/** @returns the value with its expressions resolved, once; `null` where it isn't set */
	resolve: (path: string) => unknown;
	/** @returns what the user entered, for example an expression */
	getEntered: (path: string) => unknown;
}

/**
 * @param parameters as entered
 * @param resolve resolves the expressions of a parameter for an item
 * @returns a function that returns the parameters of an item
 */
export function createParameterReader(
	parameters: object,
	resolve: (path: string, index: number) => unknown,
): (index: number) => ItemParameters {
	const getEntered = (path: string): unknown => get(parameters, path) as unknown;
	// n8n takes its time for each, and most parameters are the same for thousands of items.
	const fixed = new Map<string, unknown>();
	const isFixed = memoize((path: string) => !containsExpression(getEntered(path)));
	return (index) => {
		// An expression may return something else the next time.
		const resolved = new Map<string, unknown>();
		return {
			getEntered,
			resolve(path) {
				const values = isFixed(path) ? fixed : resolved;
				if (!values.has(path)) values.set(path, resolve(path, index));
				return values.get(path);
			},
		};
	};
}

/** The parameters of a node without items. */
export function createItemParameters(
	parameters: object,
	resolve: (path: string) => unknown,
): ItemParameters {
	return createParameterReader(parameters, resolve)(0);
}

function containsExpression(entered: unknown): boolean {
	if (typeof entered !== 'object' || entered === null) return isExpression(entered);
	return Object.values(entered).some(containsExpression);
}

/**
 * Reads the fields that the editor shows for an item.
 *
 * @param collection the name of the collection that they are in, with a period behind it
 * @throws UserError when one of them isn't valid, or its expression returned nothing
 */
export function readFields<Of extends Fields>(
	fields: Of,
	parameters: ItemParameters,
	collection = '',
): Values<Of> {
	const values: Record<string, unknown> = {};
	for (const [name, { property, read }] of Object.entries(fields)) {
		values[name] = isShown(property, parameters)
			? read(readParameter(property, parameters, collection + property.name))
			: undefined;
	}
	return values as Values<Of>;
}

function readParameter(
	property: INodeProperties,
	parameters: ItemParameters,
	path: string,
): unknown {
	const value = parameters.resolve(path);
	requireSomething(property, parameters.getEntered(path), value);
	return unwrapLocator(value);
}

/** Fields of other resources and operations are never read, so only what depends on other fields counts. */
function isShown({ displayOptions }: INodeProperties, parameters: ItemParameters): boolean {
	return Object.entries(displayOptions?.show ?? {}).every(([name, values]) =>
		// A field in a collection names one outside it like `/source`.
		values?.map(normalize).includes(normalize(parameters.resolve(name.replace('/', '')))),
	);
}

/** An expression may return `TRUE` for a switch. */
function normalize(value: unknown): string {
	return String(value).trim().toLowerCase();
}

/** Fields in which nothing is a value: 'File Description' and 'Properties'. */
const MAY_BE_NOTHING = ['description', 'properties'];

/**
 * Makes sure that an expression doesn't count as "not set" because it returned nothing: then the operation could do
 * more than the user wants. Looks into collections too.
 *
 * @throws UserError that names the field
 */
function requireSomething(property: INodeProperties, entered: unknown, value: unknown): void {
	const { name, displayName, options = [] } = property;
	if (MAY_BE_NOTHING.includes(name)) return;
	if (isExpression(entered)) {
		if (!isNothing(unwrapLocator(value))) return;
		throw new UserError(
			`'${displayName}' contains an expression that returned nothing. Check the expression, and what the previous node returns.`,
		);
	}
	for (const option of options) {
		const inner = (option as INodePropertyCollection).values ?? [];
		for (const member of inner.length > 0 ? inner : [option]) {
			if (!('type' in member)) continue;
			const path = inner.length > 0 ? [option.name, member.name] : member.name;
			requireSomething(member, get(entered, path), get(value, path));
		}
	}
}

function isExpression(entered: unknown): boolean {
	const text = unwrapLocator(entered);
	return typeof text === 'string' && text.startsWith('=');
}

function isNothing(value: unknown): boolean {
	return (
		value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
	);
}

/** A resource locator contains the ID and how it was selected. */
export function unwrapLocator(value: unknown): unknown {
	const isLocator = typeof value === 'object' && value !== null && '__rl' in value;
	return isLocator ? (value as INodeParameterResourceLocator).value : value;
}

/** @returns a field that is shown only where another one has a value; without it, its value is `undefined` */
export function showFor<Value>(
	name: string,
	value: string | boolean,
	{ property, read }: Field<Value>,
): Field<Value | undefined> {
	return { property: { ...property, displayOptions: { show: { [name]: [value] } } }, read };
}

/** Text that may be left empty. */
export function optional<Value>({ property, read }: Field<Value>): Field<Value | undefined> {
	return {
		property: { ...property, required: false },
		read: (value) => (isNothing(value) ? undefined : read(value)),
	};
}

/** @param whereToFix a sentence that tells the user what to do */
export function textField(property: INodeProperties, whereToFix: string): Field<string> {
	return { property, read: (value) => readText(value, property.displayName, whereToFix) };
}

/** What is sent in a header: visible ASCII. */
export function headerField(property: INodeProperties, whereToFix: string): Field<string> {
	return { property, read: (value) => readHeaderValue(value, property.displayName, whereToFix) };
}

/** A space, a control character, or what would lead out of the ID's place in a path. */
const NOT_IN_AN_ID = /[\s\p{Cc}\p{Cs}/\\]|^\.{1,2}$/u;

/** An ID that becomes part of a path, which it can't leave. Source: RFC 3986, section 3.3 (Path). */
export function idField(property: INodeProperties, whereToFix: string): Field<string> {
	const { displayName } = property;
	return {
		property,
		read(value) {
			const id = readText(value, displayName, whereToFix);
			if (isId(id)) return id;
			throw new UserError(
				`'${displayName}' contains a space, a slash, or another character that isn't allowed. ${whereToFix}`,
			);
		},
	};
}

/** @returns whether text can be an ID in a path */
export function isId(text: string): boolean {
	return text !== '' && !NOT_IN_AN_ID.test(text);
}

/** A whole number; text is accepted, because an expression may return it. */
export function numberField(property: INodeProperties): Field<number> {
	const { displayName, typeOptions: { minValue = 0, maxValue = Infinity } = {} } = property;
	return {
		property,
		read(given) {
			const value = given ?? (property.default as unknown);
			const isWritten =
				typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
			const number = isWritten ? Number(value) : NaN;
			if (Number.isInteger(number) && number >= minValue && number <= maxValue) return number;
			const bounds =
				maxValue === Infinity ? `of at least ${minValue}` : `from ${minValue} to ${maxValue}`;
			throw new UserError(`'${displayName}' must be a whole number ${bounds}.`);
		},
	};
}

const BOOLEANS = new Map<unknown, boolean>([
	[true, true],
	['true', true],
	[false, false],
	['false', false],
]);

/** A switch, which an expression may have set: to text too, but to nothing else. */
export function booleanField(property: INodeProperties): Field<boolean> {
	return {
		property,
		read(given) {
			const value = given ?? (property.default as unknown);
			const isOn = BOOLEANS.get(typeof value === 'string' ? normalize(value) : value);
			if (isOn !== undefined) return isOn;
			throw new UserError(`'${property.displayName}' must be true or false.`);
		},
	};
}

/** A collection of fields that the user adds one by one. */
export function collectionField<Of extends Fields>(
	property: Pick<INodeProperties, 'displayName' | 'name' | 'placeholder'> &
		Partial<INodeProperties>,
	fields: Of,
): Field<Values<Of>> {
	const options = Object.values(fields).map((field) => field.property);
	return {
		property: { type: 'collection', default: {}, ...property, options },
		read(value) {
			const set = (value ?? {}) as IDataObject;
			return Object.fromEntries(
				Object.entries(fields).map(([name, field]) => [
					name,
					field.read(unwrapLocator(set[field.property.name] ?? null)),
				]),
			) as Values<Of>;
		},
	};
}
