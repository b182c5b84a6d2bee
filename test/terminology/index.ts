import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import ts from 'typescript';

import { TERMS } from './terms';

const root = resolve(__dirname, '../..');

/** Of these files everything is checked: documents, texts, comments, and the notes in the examples. */
const PROSE =
	/^(?!docs\/zh-CN\/|test\/bench\/results\/).*\.(md|yml)$|^(nodes|credentials|examples)\/.*\.(ts|json)$/;

/** Of these files only the test titles are checked. */
const TESTS = /^test\/.*\.test\.ts$/;

/** Whole words in any case; a space in a term matches a line break with its indentation too. */
const patterns = TERMS.map(({ pattern, instead }) => {
	const source = pattern.source.replaceAll(' ', ' +');
	return { pattern: new RegExp(`\\b(?:${source})\\b`, 'gi'), instead };
});

/** Replaces everything by spaces that isn't prose, line breaks too, so that offsets stay as they are. */
function readProse(path: string, text: string): string {
	const toSpaces = (part: string) => ' '.repeat(part.length);
	const prose = TESTS.test(path)
		? readTitles(path, text)
		: path.endsWith('.md')
			? text.replace(/^```.*?^```$|`[^`\n]*`|\]\([^)]*\)/gms, toSpaces)
			: text.replace(/^[\t ]*(?:\*|\/\/)/gm, toSpaces);
	return prose.replace(/\s/g, ' ');
}

function readTitles(path: string, text: string): string {
	let titles = '';
	const visit = (node: ts.Node) => {
		if (ts.isCallExpression(node) && /^(test|describe)\b/.test(node.expression.getText(source))) {
			const title = node.arguments[0];
			if (title !== undefined && ts.isStringLiteralLike(title)) {
				titles = titles.padEnd(title.getStart(source)) + title.getText(source);
			}
		}
		ts.forEachChild(node, visit);
	};
	const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
	visit(source);
	return titles;
}

function findTerms(path: string): string[] {
	const text = readFileSync(join(root, path), 'utf8');
	const prose = readProse(path, text);
	return patterns.flatMap(({ pattern, instead }) =>
		[...prose.matchAll(pattern)].map(({ 0: found, index }) => {
			const line = text.slice(0, index).split('\n').length;
			return `${path}:${line}: "${found.replace(/ +/g, ' ')}", write: ${instead}`;
		}),
	);
}

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
	cwd: root,
	encoding: 'utf8',
})
	.split('\n')
	.filter((path) => PROSE.test(path) || TESTS.test(path));
const findings = files.flatMap(findTerms);
if (findings.length > 0) {
	console.error(findings.join('\n'));
	console.error(`\n${findings.length} terms to replace: see test/terminology/terms.ts`);
	process.exit(1);
}
