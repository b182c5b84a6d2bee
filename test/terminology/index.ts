import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import ts from 'typescript';

import type { Term } from './terms';
import { PRODUCT_TERMS, TERMS } from './terms';

const root = resolve(__dirname, '../..');

/** Of these files everything is checked: documents, texts, comments, and the notes in the examples. */
const PROSE =
	/^(?!docs\/zh-CN\/|test\/bench\/results\/).*\.(md|yml)$|^(nodes|credentials|examples)\/.*\.(ts|json)$/;

/** Of these files, the texts that users read are checked once more. */
const PRODUCT = /^(nodes|credentials)\/.*\.ts$/;

/** Of these files only the test titles are checked. */
const TESTS = /^test\/.*\.test\.ts$/;

/** Whole words in any case; a space in a term matches a line break with its indentation too. */
function toWords({ pattern, instead }: Term): Term {
	const source = pattern.source.replaceAll(' ', ' +');
	return { pattern: new RegExp(`\\b(?:${source})\\b`, 'gi'), instead };
}
const terms = TERMS.map(toWords);
const productTerms = PRODUCT_TERMS.map(toWords);

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

/** Replaces everything by spaces but the nodes that are chosen. */
function readNodes(
	path: string,
	text: string,
	choose: (node: ts.Node, source: ts.SourceFile) => ts.Node | undefined,
): string {
	let chosen = '';
	const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
	const visit = (node: ts.Node) => {
		const found = choose(node, source);
		if (found !== undefined) {
			chosen = chosen.padEnd(found.getStart(source)) + found.getText(source);
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return chosen;
}

function readTitles(path: string, text: string): string {
	return readNodes(path, text, (node, source) => {
		if (!ts.isCallExpression(node)) return undefined;
		if (!/^(test|describe)\b/.test(node.expression.getText(source))) return undefined;
		const [title] = node.arguments;
		return title !== undefined && ts.isStringLiteralLike(title) ? title : undefined;
	});
}

/** The texts in the code: what is in quotes and has several words, without what is quoted in it. */
function readTexts(path: string, text: string): string {
	const texts = readNodes(path, text, (node, source) => {
		const isText =
			ts.isStringLiteralLike(node) ||
			ts.isTemplateHead(node) ||
			ts.isTemplateMiddleOrTemplateTail(node);
		return isText && node.getText(source).includes(' ') ? node : undefined;
	});
	return texts.replace(/(?<=[\w,;:][ (])(["'])[A-Z][^"']*\1/g, (part) => ' '.repeat(part.length));
}

function findTerms(path: string): string[] {
	const text = readFileSync(join(root, path), 'utf8');
	const inProse = match(path, text, readProse(path, text), terms);
	if (!PRODUCT.test(path)) return inProse;
	return [...inProse, ...match(path, text, readTexts(path, text), productTerms)];
}

function match(path: string, text: string, prose: string, patterns: Term[]): string[] {
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
