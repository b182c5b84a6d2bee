import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { INodeParameters, INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';

import { operations as lockOperations } from '../../dist/nodes/KooDriveBackupLock/operations';
import { KooDriveBackupLock } from '../../dist/nodes/KooDriveBackupLock/KooDriveBackupLock.node';
import { operations as recordOperations } from '../../dist/nodes/KooDriveBackupRecord/operations';
import { KooDriveBackupRecord } from '../../dist/nodes/KooDriveBackupRecord/KooDriveBackupRecord.node';
import packageJson from '../../package.json';

/** The options that every operation heeds. */
const common = ['maxConcurrency', 'maxTries', 'timeout'];

const root = resolve(__dirname, '../..');

const nodes = [
	['KooDriveBackupLock', new KooDriveBackupLock().description, lockOperations],
	['KooDriveBackupRecord', new KooDriveBackupRecord().description, recordOperations],
] as const;

type Case = [string, INodeTypeDescription, (typeof lockOperations)[number]];

const cases = nodes.flatMap(([node, description, operations]) =>
	operations.map(
		(operation): Case => [`${operation.option.name} of ${node}`, description, operation],
	),
);

function visible(description: INodeTypeDescription, given: INodeParameters): INodeProperties[] {
	return description.properties.filter((property) =>
		NodeHelpers.displayParameter(given, property, { typeVersion: 1 }, description),
	);
}

function visibleOptions(description: INodeTypeDescription, operation: string): string[] {
	const { options } = description.properties.find(({ name }) => name === 'options')!;
	return (options as INodeProperties[])
		.filter((option) =>
			NodeHelpers.displayParameter({}, option, { typeVersion: 1 }, description, { operation }),
		)
		.map(({ name }) => name);
}

// Each of these holds for whatever operation is added to a list.
describe.each(cases)(
	'the operation %s',
	(_name, description, { option, fields, options = [], subject, words }) => {
		const { value } = option;

		test('says what it does, in the list of operations and in the list of actions', () => {
			expect(option.name).toMatch(/^[A-Z]/);
			expect(option.action).toMatch(/^[A-Z].+[^.]$/);
			expect(option.description).toMatch(/^[A-Z]/);
		});

		test('shows its own fields alone, each of them explained', () => {
			const defaults = Object.fromEntries(fields.map((field) => [field.name, field.default]));
			const names = ['operation', ...fields.map(({ name }) => name), 'options'];
			const shown = visible(description, { ...defaults, operation: value } as INodeParameters);
			expect(shown.map(({ name }) => name)).toEqual(names);
			for (const field of fields) expect(field.description).toMatch(/^[A-Z]/);
		});

		test('shows the options that it heeds alone, in alphabetical order', () => {
			const heeded = [...options.map(({ name }) => name), ...common];
			expect(visibleOptions(description, value)).toEqual(heeded.sort());
		});

		test('can say what was not done, to what', () => {
			expect(words.done).toMatch(/^[a-z]+( [a-z]+)*$/);
			if (subject !== undefined) expect(fields.map(({ name }) => name)).toContain(subject);
		});
	},
);

test.each(nodes)(
	'%s has its icons, its codex file and its compiled code where n8n looks for them',
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
