import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

// The scanner exports only its command, which requires a published package.
import {
	buildScanConfig,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';
import { ESLint } from 'eslint';

/*
 * npm run verify:package: packs the package, compares the tarball with the sources, and checks both with the rules of
 * n8n's package scanner. The tarball stays in reports/package: it's the one that a release publishes.
 */

const ROOT = resolve(import.meta.dirname, '../..');

const TARBALLS = join(ROOT, 'reports/package');

/** What is published in addition to the compiled sources. */
const OTHER_FILES = ['CHANGELOG.md', 'LICENSE', 'README.md', 'index.js', 'package.json'];

function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => relative(folder, join(entry.parentPath, entry.name)))
		.sort();
}

/** Each compiled source, each codex file and each icon. */
function expectedFiles(): string[] {
	const sources = ['credentials', 'nodes', 'icons'].flatMap((folder) =>
		filesIn(join(ROOT, folder)).map((file) => `dist/${folder}/${file.replace(/\.ts$/, '.js')}`),
	);
	return [...OTHER_FILES, ...sources];
}

function unexpectedFiles(folder: string): string[] {
	const expected = expectedFiles();
	const packed = filesIn(folder);
	return [
		...packed.filter((file) => !expected.includes(file)).map((file) => `unexpected: ${file}`),
		...expected.filter((file) => !packed.includes(file)).map((file) => `missing: ${file}`),
	];
}

async function scan(cwd: string, patterns: string[]): Promise<string[]> {
	const eslint = new ESLint({
		cwd,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: await buildScanConfig(),
	});
	const results = await eslint.lintFiles(patterns);
	console.log(`  ${results.length} files checked`);
	return results.flatMap(({ filePath, messages }) =>
		messages.map(
			({ line, message, ruleId }) => `${relative(cwd, filePath)}:${line} ${message} (${ruleId})`,
		),
	);
}

async function main(): Promise<number> {
	const folder = mkdtempSync(join(tmpdir(), 'verify-package-'));
	rmSync(TARBALLS, { recursive: true, force: true });
	mkdirSync(TARBALLS, { recursive: true });
	try {
		execFileSync('npm', ['pack', '--silent', '--pack-destination', TARBALLS], { cwd: ROOT });
		const [tarball = ''] = readdirSync(TARBALLS);
		execFileSync('tar', ['-xzf', join(TARBALLS, tarball), '-C', folder]);
		const unpacked = join(folder, 'package');

		console.log(`Comparing the files of ${tarball} with the sources`);
		const found = unexpectedFiles(unpacked);
		console.log("Scanning the tarball with n8n's package scanner");
		found.push(...(await scan(unpacked, ['**/*.js', '**/*.json'])));
		console.log("Scanning the sources with n8n's package scanner");
		found.push(...(await scan(ROOT, SOURCE_FILE_PATTERNS)));

		for (const problem of found) console.error(`  ${problem}`);
		console.log(`${found.length} problems`);
		return found.length === 0 ? 0 : 1;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

process.exitCode = await main();
