import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

// The scanner offers no entry but its command, which insists on a published package.
import {
	buildScanConfig,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';
import { ESLint } from 'eslint';

/*
 * npm run verify:package: packs the package, holds the tarball against the sources, and runs
 * the rules of n8n's package scanner over what is published and over the sources that it is built from.
 */

const ROOT = resolve(import.meta.dirname, '../..');

/** What is published beside the compiled sources. */
const BESIDE = [
	'CHANGELOG.md',
	'LICENSE',
	'README.md',
	'README.zh-CN.md',
	'index.js',
	'package.json',
];

function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => relative(folder, join(entry.parentPath, entry.name)))
		.sort();
}

/** Each source, compiled, each codex file and each icon: nothing else, and nothing left out. */
function expectedFiles(): string[] {
	const sources = ['credentials', 'nodes', 'icons'].flatMap((folder) =>
		filesIn(join(ROOT, folder)).map((file) => `dist/${folder}/${file.replace(/\.ts$/, '.js')}`),
	);
	return [...BESIDE, ...sources];
}

function unexpectedFiles(folder: string): string[] {
	const expected = expectedFiles();
	const packed = filesIn(folder);
	return [
		...packed.filter((file) => !expected.includes(file)).map((file) => `not expected: ${file}`),
		...expected.filter((file) => !packed.includes(file)).map((file) => `missing: ${file}`),
	];
}

async function complaints(cwd: string, patterns: string[]): Promise<string[]> {
	const eslint = new ESLint({
		cwd,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: await buildScanConfig(),
	});
	const results = await eslint.lintFiles(patterns);
	console.log(`  ${results.length} files looked at`);
	return results.flatMap(({ filePath, messages }) =>
		messages.map(
			({ line, message, ruleId }) => `${relative(cwd, filePath)}:${line} ${message} (${ruleId})`,
		),
	);
}

async function main(): Promise<number> {
	const folder = mkdtempSync(join(tmpdir(), 'verify-package-'));
	try {
		execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT });
		const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
		execFileSync('tar', ['-xzf', join(folder, tarball), '-C', folder]);
		const unpacked = join(folder, 'package');

		console.log(`The files of ${tarball} against the sources`);
		const found = unexpectedFiles(unpacked);
		console.log("n8n's package scanner over the tarball");
		found.push(...(await complaints(unpacked, ['**/*.js', '**/*.json'])));
		console.log("n8n's package scanner over the sources");
		found.push(...(await complaints(ROOT, SOURCE_FILE_PATTERNS)));

		for (const complaint of found) console.error(`  ${complaint}`);
		console.log(`${found.length} complaints`);
		return found.length === 0 ? 0 : 1;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

process.exitCode = await main();
