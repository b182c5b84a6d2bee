import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

/*
 * Carries out what CONTRIBUTING.md shows as the whole change for a new operation, in a copy of the repository.
 */

const ROOT = resolve(__dirname, '..');
const NOT_COPIED = ['node_modules', 'dist', '.git', 'coverage', 'reports', '.stryker-tmp'];

let copy: string;

function run(command: string, ...given: string[]): string {
	try {
		return execFileSync(command, given, { cwd: copy, encoding: 'utf8', stdio: 'pipe' });
	} catch (error) {
		const { stdout, stderr } = error as { stdout: string; stderr: string };
		throw new Error(`${command} ${given.join(' ')}\n${stdout}${stderr}`, { cause: error });
	}
}

beforeAll(() => {
	copy = mkdtempSync(join(tmpdir(), 'contributing-'));
	cpSync(ROOT, copy, {
		recursive: true,
		filter: (source) => !NOT_COPIED.includes(basename(source)),
	});
	symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
	const [, diff = ''] =
		/^```diff\n(.*?)^```$/ms.exec(readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')) ?? [];
	writeFileSync(join(copy, 'operation.diff'), diff);
	run('git', 'apply', 'operation.diff');
	rmSync(join(copy, 'operation.diff'));
	run('npm', 'run', '--silent', 'build:test');
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test("the new operation stands in the node's panel, with its field and the options", () => {
	const script = `
		const { KooDriveBackupLock } = require('./dist/nodes/KooDriveBackupLock/KooDriveBackupLock.node');
		const { properties } = new KooDriveBackupLock().description;
		const shown = properties.filter((p) => p.displayOptions?.show?.operation?.includes('inspect'));
		const options = properties.find(({ name }) => name === 'options').options;
		console.log(JSON.stringify({
			offered: properties[0].options.map(({ value }) => value),
			fields: shown.map(({ name }) => name),
			details: options.find(({ name }) => name === 'includeLockDetails').displayOptions.show,
		}));`;
	const { offered, fields, details } = JSON.parse(run('node', '--eval', script)) as {
		offered: string[];
		fields: string[];
		details: Record<string, string[]>;
	};
	expect(offered).toContain('inspect');
	expect(fields).toEqual(['lockId']);
	expect(details['/operation']).not.toContain('inspect');
});

test('the tests that hold for every operation hold for it, without a change to them', () => {
	const files = ['description', 'operations', 'documentation', 'examples', 'renew', 'report'];
	run('npx', 'jest', '--coverage=false', ...files.map((name) => `/${name}.test.ts`));
});

test('the import directions and the formatting take it as it is, and it is published', () => {
	run('npx', 'depcruise', '--config', '.dependency-cruiser.cjs', 'credentials', 'nodes');
	run('npx', 'prettier', '--check', 'nodes');
	expect(run('npm', 'pack', '--dry-run', '--ignore-scripts', '--json')).toContain(
		'dist/nodes/KooDriveBackupLock/operations/inspect.js',
	);
});
