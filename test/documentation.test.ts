import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import {
	authenticateRequest,
	tokenAuthorization,
} from '../dist/credentials/authentication/authorization';
import { parseEndpoint } from '../dist/credentials/wire/endpoint';
import { operations } from '../dist/nodes/KooDriveBackupLock/operations';
import { propertiesPart } from '../dist/nodes/KooDriveBackupRecord/fields/properties';
import { recordPath } from '../dist/nodes/KooDriveBackupRecord/fields/recordId';
import { operations as recordOperations } from '../dist/nodes/KooDriveBackupRecord/operations';
import { lockId } from '../dist/nodes/shared/parameters/lockId';
import { moduleCode } from '../dist/nodes/shared/parameters/moduleCode';
import { failedItem } from '../dist/nodes/shared/run/report';
import { requireFinishHandler } from '../dist/nodes/shared/run/background';
import { operationOf } from '../dist/nodes/shared/run/run';
import { readSettings } from '../dist/nodes/shared/run/settings';
import type { ReasonName } from '../dist/nodes/shared/failures/reasons';
import { REASONS } from '../dist/nodes/shared/failures/reasons';

const root = resolve(__dirname, '..');
const vocabularies = [...operations, ...recordOperations].map(({ words }) => words);
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const troubleshooting = read('docs/troubleshooting.md');

function headings(markdown: string, level: string): string[] {
	return [...markdown.matchAll(new RegExp(`^${level} (.+)$`, 'gm'))].map(([, text]) => text!);
}

describe('the troubleshooting page', () => {
	/** Every way in which a call can fail, in the words of each node that speaks of it. */
	const entries = Object.entries(REASONS).flatMap(([name, reason]) => {
		const own = vocabularies.map(({ reasons }) => reasons[name as ReasonName]?.what);
		return [...new Set([reason.what, ...own.filter((what) => what !== undefined)])].map((what) => ({
			what: what.toLowerCase(),
			isRetried: reason.retry,
		}));
	});

	test('has an entry for each thing that can happen, in the words of the message, and no other', () => {
		const found = headings(troubleshooting, '###').map((entry) => entry.toLowerCase());
		expect([...found].sort()).toEqual(entries.map(({ what }) => what).sort());
	});

	test.each(entries)('says rightly whether it is tried again: $what', ({ what, isRetried }) => {
		const start = troubleshooting.toLowerCase().indexOf(`\n### ${what}\n`);
		const entry = troubleshooting.slice(start + 1).split(/\n#/)[0]!;
		expect(entry.includes('*Tried again')).toBe(isRetried);
	});

	const app = { authentication: 'app', userId: '1', appId: 'a', appSecret: 'b' };
	const wrongInputs: Array<() => unknown> = [
		() => lockId({ parameter: () => '' }),
		() => lockId({ parameter: () => 7 }),
		() => lockId({ parameter: () => 'a b' }),
		() => moduleCode({ parameter: () => '7' }),
		() => recordPath({ parameter: () => '' }),
		() => recordPath({ parameter: () => 7 }),
		() => recordPath({ parameter: () => '..' }),
		() => propertiesPart({ parameter: () => '{' }),
		() => operationOf(operations, { parameter: () => 'destroy' }),
		() => readSettings({ parameter: (name) => (name === 'options.maxTries' ? 0 : null) }),
		() => requireFinishHandler({}),
		() => parseEndpoint(''),
		() => parseEndpoint('koodrive'),
		() => parseEndpoint('http://koodrive.example'),
		() => parseEndpoint('https://me@koodrive.example'),
		() => parseEndpoint('https://koodrive.example?a=b'),
		() => tokenAuthorization({ accessToken: '' }),
		() => tokenAuthorization({ accessToken: 'a', tokenFormat: 'none' }),
		() => authenticateRequest(app, { url: 'koodrive' }, 0),
		() =>
			authenticateRequest(
				app,
				{ url: 'https://koodrive.example', method: 'POST', body: new FormData() },
				0,
			),
	];

	test('explains each input that is refused before anything is sent', () => {
		for (const enter of wrongInputs) {
			const { message } = thrownBy(enter);
			const firstSentence = /^.*?\.(?= [A-Z])/.exec(message)?.[0];
			expect(troubleshooting).toContain(`| ${firstSentence} |`);
		}
	});

	test('leaves no refusal of an input out', () => {
		const sources = ['credentials', 'nodes'].flatMap((folder) =>
			readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
				.filter((file) => file.endsWith('.ts'))
				.map((file) => read(join(folder, file))),
		);
		const refusals = sources.join('\n').match(/new UserError\(/g) ?? [];
		// An empty value and a value that cannot stand in a header are refused in one place for all fields.
		const forSeveralFields = 1;
		expect(wrongInputs).toHaveLength(refusals.length + forSeveralFields);
	});

	test.each(['maxTries', 'deadline', 'outage'] as const)(
		'explains why there was no further try: %s',
		(gaveUp) => {
			const tries = { tries: 1, unclear: false, gaveUp };
			const { report } = failedItem(operations[0]!, { reason: 'unavailable' }, undefined, tries);
			const sentence = report.description.replace(REASONS.unavailable.hint, '').trim();
			expect(troubleshooting).toContain(`| ${sentence} |`);
		},
	);
});

function thrownBy(enter: () => unknown): Error {
	try {
		enter();
	} catch (error) {
		return error as Error;
	}
	throw new Error('nothing was thrown');
}

describe('the README in Chinese', () => {
	const english = read('README.md');
	const chinese = read('README.zh-CN.md');
	const structure = (markdown: string) =>
		markdown
			.split('\n')
			.map((line) => /^(#+) /.exec(line)?.[1] ?? (line.startsWith('|') ? 'row' : undefined))
			.filter((part) => part !== undefined);
	/** What a reader types or clicks is the same in any language. */
	const codeBlocks = (markdown: string) =>
		[...markdown.matchAll(/^```.*?^```$/gms)].map(([block]) => block);
	const firstCells = (markdown: string) =>
		[...markdown.matchAll(/^\| (\[?[A-Z][\w. /-]*)/gm)].map(([, cell]) => cell!.trim());

	test('has the headings and the rows of tables of the English one', () => {
		expect(structure(chinese)).toEqual(structure(english));
	});

	test('names the same fields and options, as n8n shows them', () => {
		expect(firstCells(chinese)).toEqual(firstCells(english));
	});

	test('has the same commands and outputs', () => {
		expect(codeBlocks(chinese)).toEqual(codeBlocks(english));
	});

	test('shows the same pictures and examples', () => {
		const targets = (markdown: string) =>
			[...markdown.matchAll(/\]\(((?:docs\/images|examples)\/[^)]+)\)/g)].map(([, to]) => to);
		expect(targets(chinese)).toEqual(targets(english));
	});
});

const pages = [
	'README.md',
	'README.zh-CN.md',
	'CHANGELOG.md',
	'CONTRIBUTING.md',
	'SECURITY.md',
	'docs/README.md',
	'docs/architecture.md',
	'docs/performance.md',
	'docs/troubleshooting.md',
];

describe.each(pages)('%s', (page) => {
	const text = read(page);
	const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, to]) => to!);

	test('leads to files and headings that exist', () => {
		for (const link of links) {
			const [path = '', anchor] = link.split('#');
			const target = path === '' ? page : join(dirname(page), path);
			expect([link, existsSync(join(root, target))]).toEqual([link, true]);
			if (anchor === undefined) continue;
			const anchors = headings(read(target), '#{2,4}').map(anchorOf);
			expect(anchors).toContain(decodeURIComponent(anchor));
		}
	});

	test('names only commands that exist', () => {
		const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
		for (const [, script] of text.matchAll(/npm run ([\w:]+)/g)) {
			expect(Object.keys(scripts)).toContain(script);
		}
	});
});

/** As GitHub makes them. */
function anchorOf(heading: string): string {
	return heading
		.toLowerCase()
		.replace(/[^\p{L}\p{N} _-]/gu, '')
		.replaceAll(' ', '-');
}
