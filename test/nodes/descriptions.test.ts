import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type {
	INodeParameters,
	INodeProperties,
	INodePropertyOptions,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

import { TOKEN_FORMATS } from '#dist/credentials/authentication/tokenFormat';
import { KooDriveBackup } from '#dist/nodes/KooDriveBackup/KooDriveBackup.node';
import { resources as backupResources } from '#dist/nodes/KooDriveBackup/resources/index';
import { KooDriveBackupLock } from '#dist/nodes/KooDriveBackupLock/KooDriveBackupLock.node';
import { resources as lockResources } from '#dist/nodes/KooDriveBackupLock/operations/index';
import type { Fields } from '#dist/nodes/shared/execution/fields';
import type { Operation, Resource } from '#dist/nodes/shared/execution/operation';
import packageJson from '../../package.json';
import { BACKUP_NODE_TYPE, Engine, TRIGGER_NODE_TYPE, workflowOf } from '../engine';
import { byId, errorOf } from '../setup';

const root = resolve(__dirname, '../..');

/** An operation with the values that select it in the editor. */
interface Selected {
	name: string;
	selection: { resource: string; operation: string };
	operation: Operation;
}

const operationsOf = (resources: readonly Resource[]): Selected[] =>
	resources.flatMap(({ option: resource, operations }) =>
		operations.map((operation) => ({
			name: `${resource.name} ${operation.option.name}`,
			selection: { resource: resource.value, operation: operation.option.value },
			operation,
		})),
	);
const toProperties = (fields: Fields): INodeProperties[] =>
	Object.values(fields).map(({ property }) => property);

const lockOperations = operationsOf(lockResources);
const backupOperations = operationsOf(backupResources);

let engine: Engine;
beforeAll(async () => {
	engine = await Engine.load();
});

function visible(description: INodeTypeDescription, given: INodeParameters): INodeProperties[] {
	return description.properties.filter((property) =>
		NodeHelpers.displayParameter(given, property, { typeVersion: 1 }, description),
	);
}

test('keeps the names of the node and the credential', () => {
	expect(engine.node.description).toMatchObject({
		name: 'kooDriveBackupLock',
		displayName: 'KooDrive Backup Lock',
		version: 1,
		usableAsTool: true,
	});
	expect(engine.credentialTypes.get('kooDriveApi')?.displayName).toBe('KooDrive API');
});

test('selects Renew in a new node', () => {
	const operation = engine.node.description.properties.find(({ name }) => name === 'operation');
	expect(operation?.default).toBe('renew');
});

test('keeps the operations and fields of saved workflows', () => {
	const shownFor = (value: string) =>
		visible(engine.node.description, { resource: 'lock', operation: value }).filter(
			({ name }) => !['resource', 'operation', 'options'].includes(name),
		);
	expect(lockOperations.map(({ selection }) => selection.operation)).toEqual(
		expect.arrayContaining(['create', 'renew', 'release']),
	);
	expect(shownFor('create').map(({ name }) => name)).toEqual(['moduleCode']);
	expect(shownFor('renew').map(({ name }) => name)).toEqual(['lockId']);
	expect(shownFor('release').map(({ name }) => name)).toEqual(['lockId']);
});

test.each(['backUp', 'restore'])('says why %s is no tool of an AI agent', async (operation) => {
	const type = `${BACKUP_NODE_TYPE}Tool`;
	engine.addNode(type, engine.recordNode);
	const deviceId = byId('a') as INodeParameters;
	const parameters = { resource: 'backup', operation, deviceId };
	const executed = await engine.run(workflowOf([{}], parameters, { type }), {});
	expect(errorOf(executed).message).toContain("can't be used as a tool of an AI agent");
});

test('marks the required fields', () => {
	const ids = ['lockId', 'recordId', 'deviceId', 'moduleCode'];
	const fields = [...lockOperations, ...backupOperations].flatMap(({ name, operation }) =>
		toProperties(operation.fields).map((field) => ({ field: `${name}: ${field.name}`, ...field })),
	);
	const optional = fields.filter(({ name, required }) => ids.includes(name) && required !== true);
	expect(optional.map(({ field }) => field)).toEqual([]);
});

test('selects the operations that a new node is meant for', () => {
	const { properties } = engine.recordNode.description;
	const defaults = properties.filter(({ name }) => ['resource', 'operation'].includes(name));
	expect(defaults.map(({ default: value }) => value)).toEqual([
		'backup',
		'backUp',
		'getAll',
		'upload',
		'getAll',
	]);
});

test('offers the resources and the operations by name', () => {
	const lists = engine.recordNode.description.properties.filter(({ name }) =>
		['resource', 'operation'].includes(name),
	);
	for (const { options } of lists) {
		const names = (options as INodePropertyOptions[]).map(({ name }) => name);
		expect(names).toEqual([...names].sort());
	}
});

test('shows Limit only without Return All', () => {
	const isAsked = (resource: string, returnAll: boolean) =>
		visible(engine.recordNode.description, { resource, operation: 'getAll', returnAll }).some(
			({ name }) => name === 'limit',
		);
	for (const resource of ['record', 'file']) {
		expect([isAsked(resource, false), isAsked(resource, true)]).toEqual([true, false]);
	}
});

/** All fields of the nodes, those among the options too. */
function allFields(): INodeProperties[] {
	const types = [engine.node, engine.recordNode, engine.nodeType(TRIGGER_NODE_TYPE)];
	const fields = types.flatMap(({ description }) => description.properties);
	return fields.flatMap((field) => [field, ...((field.options ?? []) as INodeProperties[])]);
}

// A rule that n8n's linter is to get.
test('has hints of at most 120 characters', () => {
	const hints = allFields().flatMap(({ hint = [] }) => hint);
	expect(hints).not.toEqual([]);
	expect(hints.filter((hint) => hint.length > 120)).toEqual([]);
});

test('turns every boolean off by default, except for the one that saves uploads', () => {
	const switches = allFields().filter(({ type }) => type === 'boolean');
	expect(switches.map(({ name }) => name)).toContain('releaseAtEnd');
	const on = switches.filter((field) => field.default !== false).map(({ name }) => name);
	expect([...new Set(on)]).toEqual(['skipStored']);
});

test('allows no number less than 1, except for 0 to switch a rule of a retention policy off', () => {
	const numbers = allFields().filter(({ type }) => type === 'number');
	expect(numbers.map(({ name }) => name)).toEqual(expect.arrayContaining(['limit', 'timeout']));
	const least = (name: string) => (name.startsWith('keep') ? 0 : 1);
	const fewer = numbers.filter(
		({ name, typeOptions }) => !((typeOptions?.minValue ?? -1) >= least(name)),
	);
	expect(fewer).toEqual([]);
});

test('offers the events of the trigger', () => {
	const { properties } = engine.nodeType(TRIGGER_NODE_TYPE).description;
	const events = properties.find(({ name }) => name === 'event')!.options as INodePropertyOptions[];
	expect(events.map(({ value }) => value)).toEqual(['backupCompleted', 'backupOverdue']);
});

test.each([
	['accessToken', ['endpoint', 'authentication', 'accessToken', 'tokenFormat', 'userId']],
	['app', ['endpoint', 'authentication', 'appId', 'appSecret', 'userId']],
])('shows the fields of the credential for Authentication %s', (authentication, shown) => {
	const properties = engine.credentialTypes.get('kooDriveApi')!.properties;
	const visible = properties.filter((property) =>
		NodeHelpers.displayParameter({ authentication }, property, null, null),
	);
	expect(visible.map(({ name }) => name).filter((name) => !name.startsWith('allowed'))).toEqual(
		shown,
	);
});

test('has the documented defaults', () => {
	const defaultsOf = (operation: string) =>
		Object.fromEntries(
			visibleOptions(engine.node.description, { resource: 'lock', operation }).map((option) => [
				option.name,
				option.default,
			]),
		);
	const common = { maxConcurrency: 50, maxTries: 10, timeout: 10000 };
	expect(defaultsOf('renew')).toEqual({ ...common, includeLockDetails: false });
	expect(defaultsOf('keepAlive')).toEqual({
		...common,
		includeLockDetails: false,
		releaseAtEnd: false,
		renewEvery: 200,
		stopAfter: 1440,
	});
	const credential = engine.credentialTypes.get('kooDriveApi')!.properties;
	expect(credential.find(({ name }) => name === 'endpoint')?.default).toBe(
		'https://intl.myhuaweicloud-koodrive.com',
	);
});

test('offers every authentication and every Token Format', () => {
	const { properties } = engine.credentialTypes.get('kooDriveApi')!;
	const offered = (field: string) => {
		const options = properties.find(({ name }) => name === field)?.options;
		return (options as INodePropertyOptions[]).map(({ name, value }) => [name, value]);
	};
	expect(offered('authentication')).toEqual([
		['Access Token', 'accessToken'],
		['App Authentication', 'app'],
	]);
	expect(offered('tokenFormat').map(([, value]) => value)).toEqual([...TOKEN_FORMATS.keys()]);
	expect(offered('tokenFormat').every(([name]) => name !== undefined)).toBe(true);
});

test('requires the fields that every credential needs', () => {
	const { properties } = engine.credentialTypes.get('kooDriveApi')!;
	const required = properties.filter((property) => property.required === true);
	expect(required.map(({ name }) => name)).toEqual([
		'endpoint',
		'accessToken',
		'appId',
		'appSecret',
		'userId',
	]);
});

test('hides secrets in password fields', () => {
	const passwords = engine.credentialTypes
		.get('kooDriveApi')!
		.properties.filter(({ typeOptions }) => typeOptions?.password === true);
	expect(passwords.map(({ name }) => name)).toEqual(['accessToken', 'appSecret']);
});

test('exports nothing from the main module', () => {
	expect(jest.requireActual(resolve(root, packageJson.main))).toEqual({});
});

/** The options of every operation. */
const common = ['maxConcurrency', 'maxTries', 'timeout'];

const nodes = [
	['KooDriveBackupLock', new KooDriveBackupLock().description, lockOperations],
	['KooDriveBackup', new KooDriveBackup().description, backupOperations],
] as const;

type Case = [string, INodeTypeDescription, Selected];

const cases = nodes.flatMap(([node, description, operations]) =>
	operations.map((selected): Case => [`${selected.name} of ${node}`, description, selected]),
);

/** The entries of the Options that the editor shows for an operation. */
function visibleOptions(
	description: INodeTypeDescription,
	selection: INodeParameters,
): INodeProperties[] {
	const shown = visible(description, selection).filter(({ name }) => name === 'options');
	return shown.flatMap(({ options }) => options as INodeProperties[]);
}

// These tests also hold for every operation that is added.
describe.each(cases)('the operation %s', (_name, description, { selection, operation }) => {
	const { option, idField, messages } = operation;
	const fields = toProperties(operation.fields);
	const options = toProperties(operation.options ?? {});

	test('has a name, an action and a description', () => {
		expect(option.name).toMatch(/^[A-Z]/);
		expect(option.action).toMatch(/^[A-Z].+[^.]$/);
		expect(option.description).toMatch(/^[A-Z]/);
	});

	test('shows only its own fields, each with a description', () => {
		const defaults = Object.fromEntries(fields.map((field) => [field.name, field.default]));
		const own = fields.filter((field) =>
			NodeHelpers.displayParameter(
				defaults as INodeParameters,
				field,
				{ typeVersion: 1 },
				description,
			),
		);
		const names = ['operation', ...own.map(({ name }) => name), 'options'];
		const shown = visible(description, { ...defaults, ...selection } as INodeParameters);
		const shownNames = shown.map(({ name }) => name).filter((name) => name !== 'resource');
		expect(shownNames).toEqual(names);
		// n8n shows no description of a collection, but those of its entries.
		const described = fields.flatMap((field) =>
			field.type === 'collection' ? (field.options as INodeProperties[]) : [field],
		);
		for (const field of described) expect(field.description).toMatch(/^[A-Z]/);
	});

	test('shows only its own options, in alphabetical order', () => {
		// What has no effect isn't offered.
		const without = [
			operation.outlastsOutages === true && 'maxTries',
			operation.executeAll !== undefined && 'maxConcurrency',
		];
		const shared = common.filter((name) => !without.includes(name));
		const own = [...options.map(({ name }) => name), ...shared];
		const shown = visibleOptions(description, selection);
		expect(shown.map(({ name }) => name).sort()).toEqual(own.sort());
		const titles = shown.map(({ displayName }) => displayName);
		expect(titles).toEqual([...titles].sort((one, other) => one.localeCompare(other, 'en')));
	});

	test('has the words for its error messages', () => {
		expect(messages.done).toMatch(/^[a-z]+( [a-z]+)*$/);
		if (idField !== undefined) expect(fields.map(({ name }) => name)).toContain(idField);
	});
});

test.each(nodes)(
	'has the icons, the codex file and the code of %s where n8n expects them',
	(name, { icon, name: type, usableAsTool }) => {
		const folder = `dist/nodes/${name}`;
		expect(packageJson.n8n.nodes).toContain(`${folder}/${name}.node.js`);
		for (const picture of Object.values(icon as Record<string, string>)) {
			expect(existsSync(resolve(root, folder, picture.replace('file:', '')))).toBe(true);
		}
		const codexFile = resolve(root, folder, `${name}.node.json`);
		const codex = JSON.parse(readFileSync(codexFile, 'utf8')) as { node: string };
		expect(codex.node).toBe(`${packageJson.name}.${type}`);
		expect(usableAsTool).toBe(true);
	},
);
