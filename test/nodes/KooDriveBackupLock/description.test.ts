import { resolve } from 'node:path';

import type { INodeParameters, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

import { TOKEN_FORMATS } from '../../../dist/credentials/authentication/tokenFormat';
import { operations } from '../../../dist/nodes/KooDriveBackupLock/operations';
import { operations as recordOperations } from '../../../dist/nodes/KooDriveBackupRecord/operations';
import packageJson from '../../../package.json';
import { Engine } from '../../engine';

const root = resolve(__dirname, '../../..');
let engine: Engine;
beforeAll(async () => {
	engine = await Engine.load();
});

test('n8n finds the node and the credential under the names that workflows keep', () => {
	expect(engine.node.description).toMatchObject({
		name: 'kooDriveBackupLock',
		displayName: 'KooDrive Backup Lock',
		version: 1,
		usableAsTool: true,
	});
	expect(engine.credentialTypes.get('kooDriveApi')?.displayName).toBe('KooDrive API');
});

test('Renew is the operation that a new node begins with', () => {
	const operation = engine.node.description.properties.find(({ name }) => name === 'operation');
	expect(operation?.default).toBe('renew');
});

test('workflows find the operations and fields that they were saved with', () => {
	const shownFor = (value: string) =>
		visible(value).filter(({ name }) => !['operation', 'options'].includes(name));
	expect(operations.map(({ option }) => option.value)).toEqual(
		expect.arrayContaining(['create', 'renew', 'release']),
	);
	expect(shownFor('create').map(({ name }) => name)).toEqual(['moduleCode']);
	expect(shownFor('renew').map(({ name }) => name)).toEqual(['lockId']);
	expect(shownFor('release').map(({ name }) => name)).toEqual(['lockId']);
});

test('the panel marks what a step cannot do without', () => {
	const ids = ['lockId', 'recordId', 'deviceId', 'moduleCode'];
	const fields = [...operations, ...recordOperations].flatMap(({ option, fields: shown }) =>
		shown.map((field) => ({ field: `${option.value} ${field.name}`, ...field })),
	);
	const optional = fields.filter(({ name, required }) => ids.includes(name) && required !== true);
	expect(optional.map(({ field }) => field)).toEqual(['getAll deviceId']);
});

test('a list asks for its Limit only where not all is wanted', () => {
	const isAsked = (returnAll: boolean) =>
		visible('getAll', engine.recordNode, { returnAll }).some(({ name }) => name === 'limit');
	expect([isAsked(false), isAsked(true)]).toEqual([true, false]);
});

/** All fields of both nodes, those among the options too. */
function allFields(): INodeProperties[] {
	const fields = [engine.node, engine.recordNode].flatMap(
		({ description }) => description.properties,
	);
	return fields.flatMap((field) => [field, ...((field.options ?? []) as INodeProperties[])]);
}

test('whatever can be switched on is off until a user does it', () => {
	const switches = allFields().filter(({ type }) => type === 'boolean');
	expect(switches.map(({ name }) => name)).toContain('releaseAtEnd');
	expect(switches.filter((field) => field.default !== false)).toEqual([]);
});

test('the panel lets nobody set a number to less than 1', () => {
	const numbers = allFields().filter(({ type }) => type === 'number');
	expect(numbers.map(({ name }) => name)).toEqual(expect.arrayContaining(['limit', 'timeout']));
	expect(numbers.filter(({ typeOptions }) => !((typeOptions?.minValue ?? 0) >= 1))).toEqual([]);
});

function visible(
	operation: string,
	{ description } = engine.node,
	entered: INodeParameters = {},
): INodeProperties[] {
	const parameters = { operation, ...entered };
	return description.properties.filter((property) =>
		NodeHelpers.displayParameter(parameters, property, { typeVersion: 1 }, description),
	);
}

test.each([
	['accessToken', ['endpoint', 'authentication', 'accessToken', 'tokenFormat', 'userId']],
	['app', ['endpoint', 'authentication', 'appId', 'appSecret', 'userId']],
])('with authentication %s the credential asks for what that needs', (authentication, shown) => {
	const properties = engine.credentialTypes.get('kooDriveApi')!.properties;
	const visible = properties.filter((property) =>
		NodeHelpers.displayParameter({ authentication }, property, null, null),
	);
	expect(visible.map(({ name }) => name).filter((name) => !name.startsWith('allowed'))).toEqual(
		shown,
	);
});

test('the defaults are those that the documentation names', () => {
	const { properties } = engine.node.description;
	const options = properties.find(({ name }) => name === 'options')?.options as Array<{
		name: string;
		default: unknown;
	}>;
	expect(Object.fromEntries(options.map((option) => [option.name, option.default]))).toMatchObject({
		includeLockDetails: false,
		maxConcurrency: 50,
		maxTries: 10,
		timeout: 10000,
	});
	const credential = engine.credentialTypes.get('kooDriveApi')!.properties;
	expect(credential.find(({ name }) => name === 'endpoint')?.default).toBe(
		'https://intl.myhuaweicloud-koodrive.com',
	);
});

test('the credential offers every way to authenticate and every format of a token', () => {
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

test('what no credential can do without is required', () => {
	const { properties } = engine.credentialTypes.get('kooDriveApi')!;
	const required = properties.filter((property) => property.required === true);
	expect(required.map(({ name }) => name)).toEqual(['endpoint', 'userId']);
});

test('secrets are password fields', () => {
	const passwords = engine.credentialTypes
		.get('kooDriveApi')!
		.properties.filter(({ typeOptions }) => typeOptions?.password === true);
	expect(passwords.map(({ name }) => name)).toEqual(['accessToken', 'appSecret']);
});

test('requiring the package itself gives nothing, and fails for nobody', () => {
	expect(jest.requireActual(resolve(root, packageJson.main))).toEqual({});
});
