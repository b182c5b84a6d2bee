import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { INodePropertyOptions } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

import { TOKEN_FORMATS } from '../../../dist/credentials/authentication/tokenFormat';
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

test('the operations stand in the order of use, and Renew is the default', () => {
	const operation = engine.node.description.properties.find(({ name }) => name === 'operation');
	expect(operation?.default).toBe('renew');
	expect(operation?.options).toMatchObject([
		{ value: 'create', action: 'Create a backup lock' },
		{ value: 'renew', action: 'Renew a backup lock' },
		{ value: 'release', action: 'Release a backup lock' },
	]);
});

test.each([
	['create', ['operation', 'moduleCode', 'options']],
	['renew', ['operation', 'lockId', 'options']],
	['release', ['operation', 'lockId', 'options']],
])('%s shows its own fields alone', (operation, shown) => {
	const { description } = engine.node;
	const visible = description.properties.filter((property) =>
		NodeHelpers.displayParameter({ operation }, property, { typeVersion: 1 }, description),
	);
	expect(visible.map(({ name }) => name)).toEqual(shown);
});

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
	expect(Object.fromEntries(options.map((option) => [option.name, option.default]))).toEqual({
		includeLockDetails: false,
		maxConcurrency: 50,
		maxTries: 4,
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
	expect(offered('tokenFormat').map(([, value]) => value)).toEqual(Object.keys(TOKEN_FORMATS));
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

test('the icons, the codex file and everything that package.json names are built', () => {
	const named = [...packageJson.n8n.nodes, ...packageJson.n8n.credentials];
	const codexFile = 'nodes/KooDriveBackupLock/KooDriveBackupLock.node.json';
	const assets = ['icons/koodrive.svg', 'icons/koodrive.dark.svg', codexFile];
	for (const file of [...named, ...assets.map((name) => `dist/${name}`)]) {
		expect(existsSync(resolve(root, file))).toBe(true);
	}
	const codex = JSON.parse(readFileSync(resolve(root, 'dist', codexFile), 'utf8')) as {
		node: string;
	};
	expect(codex.node).toBe(`${packageJson.name}.${engine.node.description.name}`);
});

test('requiring the package itself gives nothing, and fails for nobody', () => {
	expect(jest.requireActual(resolve(root, packageJson.main))).toEqual({});
});
