import type {
	IDataObject,
	INodeParameters,
	INodeProperties,
	INodePropertyCollection,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

import { KooDriveBackup } from '#dist/nodes/KooDriveBackup/KooDriveBackup.node';
import { resources as backupResources } from '#dist/nodes/KooDriveBackup/resources/index';
import { KooDriveBackupLock } from '#dist/nodes/KooDriveBackupLock/KooDriveBackupLock.node';
import { resources as lockResources } from '#dist/nodes/KooDriveBackupLock/operations/index';
import { testKeepAlive } from '../compatibility/versions';
import { BACKUP_NODE_TYPE, NODE_TYPE } from '../engine';
import { byId, errorOf, useKooDrive } from '../setup';

/*
 * An expression that returns nothing must not count as "not set": Dry Run by an expression for a field that the item
 * lacks would delete. The fields are those that the editor shows, so a new field is tested without a line here.
 */

const drive = useKooDrive();

/** Nothing is a value of these. */
const MAY_BE_NOTHING = ['description', 'properties'];

/** A field, and where it is among the parameters: collections, too. */
interface Place {
	property: INodeProperties;
	path: string[];
}

interface Case {
	name: string;
	type: string;
	/** Valid values of all fields that the operation requires. */
	parameters: IDataObject;
	place: Place;
}

const VALID: IDataObject = {
	lockId: 'a@100',
	recordId: byId('1'),
	deviceId: byId('a'),
	fileId: '1',
	deviceName: 'n8n',
	retention: { keepLast: 1 },
};

function findPlaces(property: INodeProperties, above: string[] = []): Place[] {
	const path = [...above, property.name];
	if (property.type === 'collection') {
		return (property.options as INodeProperties[]).flatMap((option) => findPlaces(option, path));
	}
	if (property.type === 'fixedCollection') {
		return (property.options as INodePropertyCollection[]).flatMap(({ name, values }) =>
			values.flatMap((value) => findPlaces(value, [...path, name])),
		);
	}
	return property.type === 'notice' || property.type === 'hidden' ? [] : [{ property, path }];
}

/** The values of another field for which a field is shown. */
function listVariants(
	description: INodeTypeDescription,
	selection: INodeParameters,
): IDataObject[] {
	const shown = description.properties.filter((property) =>
		NodeHelpers.displayParameter(
			{ ...selection, source: 'record', returnAll: false },
			property,
			{ typeVersion: 1 },
			description,
		),
	);
	return shown.some(({ name }) => name === 'source')
		? [{ source: 'latest' }, { source: 'record' }]
		: [{}];
}

/** An option may be shown for one source alone. */
function isShownFor({ displayOptions }: INodeProperties, { source = '' }: IDataObject): boolean {
	return displayOptions?.show?.['/source']?.includes(String(source)) ?? true;
}

function listCases(
	node: { description: INodeTypeDescription },
	type: string,
	resources: typeof lockResources,
): Case[] {
	const { description } = node;
	const selections = resources.flatMap(({ option, operations }) =>
		operations.map((operation) => ({
			...(option && { resource: option.value }),
			operation: operation.option.value,
		})),
	);
	return selections.flatMap((selection) =>
		listVariants(description, selection).flatMap((variant) => {
			const values = { ...selection, ...variant, returnAll: false } as INodeParameters;
			const shown = description.properties.filter((property) =>
				NodeHelpers.displayParameter(values, property, { typeVersion: 1 }, description),
			);
			const fields = shown.filter(({ name }) => !['resource', 'operation'].includes(name));
			const parameters: IDataObject = { ...VALID, ...selection, ...variant };
			for (const { name, default: usual } of fields) parameters[name] ??= usual as IDataObject;
			return fields
				.flatMap((field) => findPlaces(field))
				.filter(({ property }) => !MAY_BE_NOTHING.includes(property.name))
				.filter(({ property }) => isShownFor(property, variant))
				.map((place) => ({
					name: `${Object.values({ ...selection, ...variant }).join(' ')}: ${place.property.displayName}`,
					type,
					parameters,
					place,
				}));
		}),
	);
}

const cases = [
	...listCases(new KooDriveBackupLock(), NODE_TYPE, lockResources),
	...listCases(new KooDriveBackup(), BACKUP_NODE_TYPE, backupResources),
];

function withExpression(
	{ parameters, place: { property, path } }: Case,
	value: unknown,
): IDataObject {
	const expression = `={{ ${JSON.stringify(value) ?? 'undefined'} }}`;
	const changed = structuredClone(parameters);
	let inner: IDataObject = changed;
	for (const name of path.slice(0, -1)) inner = (inner[name] ??= {}) as IDataObject;
	inner[property.name] = property.type === 'resourceLocator' ? byId(expression) : expression;
	return changed;
}

test('covers every operation', () => {
	expect(cases.length).toBeGreaterThan(80);
});

const usual = cases.filter(({ name }) => !name.includes('keepAlive'));
const ofKeepAlive = cases.filter(({ name }) => name.includes('keepAlive'));

async function expectRejection(given: Case, value: unknown): Promise<void> {
	const executed = await drive.run([{}], withExpression(given, value), { type: given.type });
	expect(errorOf(executed).message).toContain(`'${given.place.property.displayName}'`);
	expect(errorOf(executed).message).toMatch(/contains an expression that returned nothing/);
	expect(drive.simulator.requests).toEqual([]);
}

test.each(usual)('rejects an expression that returns nothing in $name', async (given) => {
	for (const value of [undefined, null, '', '  ']) await expectRejection(given, value);
});

testKeepAlive.each(ofKeepAlive)(
	'rejects an expression that returns nothing in $name',
	async (given) => {
		for (const value of [undefined, null, '', '  ']) await expectRejection(given, value);
	},
);
