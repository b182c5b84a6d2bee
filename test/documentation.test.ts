import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import type { ICredentialType, INodeProperties, INodeType } from 'n8n-workflow';

import packageJson from '../package.json';

const root = resolve(__dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** Where README.md, which npm and n8n show too, finds the files of the repository. */
const FILES =
	/^https:\/\/(?:github\.com\/n8n-nodes-koodrive\/n8n-nodes-koodrive\/blob|raw\.githubusercontent\.com\/n8n-nodes-koodrive\/n8n-nodes-koodrive)\/main\//;

function headings(markdown: string, level: string): string[] {
	return [...markdown.matchAll(new RegExp(`^${level} (.+)$`, 'gm'))].map(([, text]) => text!);
}

const pages = [
	'README.md',
	'CHANGELOG.md',
	'CONTRIBUTING.md',
	'SECURITY.md',
	'docs/README.md',
	'docs/architecture.md',
	'docs/backup.md',
	'docs/compatibility.md',
	'docs/leases.md',
	'docs/performance.md',
	'docs/troubleshooting.md',
	'docs/zh-CN/README.md',
	'docs/zh-CN/troubleshooting.md',
	'test/README.md',
];

describe.each(pages)('%s', (page) => {
	const text = read(page);
	const links = linksOf(text);

	test('links to files and headings that exist', () => {
		for (const link of links) {
			if (/^https?:/.test(link) && !FILES.test(link)) continue;
			const [path = '', anchor] = link.replace(FILES, '').split('#');
			const folder = FILES.test(link) ? '' : dirname(page);
			const target = path === '' ? page : join(folder, path);
			expect([link, existsSync(join(root, target))]).toEqual([link, true]);
			if (anchor === undefined) continue;
			const markdown = read(target);
			const anchors = [...headings(markdown, '#{2,4}').map(anchorOf), ...explicitAnchors(markdown)];
			expect(anchors).toContain(decodeURIComponent(anchor));
		}
	});

	test('mentions only commands that exist', () => {
		const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
		for (const [, script] of text.matchAll(/npm run ([\w:]+)/g)) {
			expect(Object.keys(scripts)).toContain(script);
		}
	});
});

test('README.md has links and pictures that work on npm and in n8n', () => {
	const readme = read('README.md');
	expect(linksOf(readme).filter((link) => !/^(https:|#)/.test(link))).toEqual([]);
	const pictures = [...readme.matchAll(/!\[[^\]]*\]\[([^\]]+)\]/g)].map(([, label]) => label!);
	expect(pictures).not.toEqual([]);
	for (const label of pictures) {
		// GitHub shows a page around a file; npm and n8n need the picture itself.
		expect(readme).toMatch(
			new RegExp(`^\\[${label}\\]:\\s+https://raw\\.githubusercontent\\.com/`, 'm'),
		);
	}
});

test.each([
	'credentials/KooDriveApi.credentials.ts',
	'nodes/KooDriveBackup/KooDriveBackup.node.json',
	'nodes/KooDriveBackupLock/KooDriveBackupLock.node.json',
	'nodes/KooDriveBackupTrigger/KooDriveBackupTrigger.node.json',
])('%s links to headings of the README that exist', (file) => {
	const anchors = [...read(file).matchAll(/n8n-nodes-koodrive#([\w-]+)/g)].map(
		([, anchor]) => anchor,
	);
	expect(anchors).not.toEqual([]);
	const known = ['readme', ...headings(read('README.md'), '#{2,4}').map(anchorOf)];
	expect(known).toEqual(expect.arrayContaining(anchors));
});

/** What n8n itself shows, in the settings of nodes and workflows and in its own nodes. */
const NAMES_OF_N8N = [
	'Always Output Data',
	'Continue',
	'Continue (using error output)',
	'Create backup lock',
	'Error Workflow',
	'Fetch Test Event',
	'File Path and Name',
	'File(s) Selector',
	'Include Binaries',
	'Input Binary Field(s)',
	'On Error',
	'Path',
	'Poll Times',
	'Retry On Fail',
	'Timeout Workflow',
	'Timezone',
];

/** What the editor shows of fields: their titles, and those of their options. */
function titlesOf(fields: INodeProperties[]): string[] {
	return fields.flatMap(({ displayName, options = [] }) => [
		displayName,
		...options.flatMap((option) =>
			'displayName' in option ? titlesOf([option as INodeProperties]) : [option.name],
		),
	]);
}

test('the pages name only fields, options, and operations that exist', async () => {
	const titles = [...NAMES_OF_N8N];
	for (const path of [...packageJson.n8n.nodes, ...packageJson.n8n.credentials]) {
		const loaded = (await import(join(root, path))) as Record<string, new () => unknown>;
		const type = new (Object.values(loaded)[0]!)() as INodeType | ICredentialType;
		titles.push(...titlesOf('description' in type ? type.description.properties : type.properties));
	}
	// A unit in parentheses may be left out.
	const known = new Set(titles.flatMap((title) => [title, title.replace(/ \(.*\)$/, '')]));
	const unknown = pages
		.filter((page) => !page.startsWith('test/'))
		.flatMap((page) => namesIn(read(page)).map((name) => ({ page, name })))
		.filter(({ name }) => !known.has(name));
	expect(unknown).toEqual([]);
});

/** Names stand in single quotes. */
function namesIn(markdown: string): string[] {
	const prose = markdown.replace(/```.*?```|`[^`]*`/gs, '').replace(/\s+/g, ' ');
	return [...prose.matchAll(/(?<![\w'])'([A-Z][^']*)'(?!\w)/g)].map(([, name]) => name!);
}

/** Where the links go: those in brackets, and those that are defined at the end of a page. */
function linksOf(markdown: string): string[] {
	return [...markdown.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]:\s+(\S+)$/gm)].map(
		([, inline, defined]) => (inline ?? defined)!,
	);
}

function explicitAnchors(markdown: string): string[] {
	return [...markdown.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!);
}

/** Returns the anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
	return heading
		.toLowerCase()
		.replace(/[^\p{L}\p{N} _-]/gu, '')
		.replaceAll(' ', '-');
}
