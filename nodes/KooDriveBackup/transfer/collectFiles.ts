import uniqBy from 'lodash/uniqBy';
import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { MAX_DESCRIPTION } from '../../shared/api/files';
import { quote } from '../../shared/errors/text';
import type { Item, NodeExecution } from '../../shared/execution/nodeExecution';
import { createPause } from '../../shared/http/clock';
import type { Content } from './content';
import { isContent, toContent } from './content';
import { toFileName, UniqueNames } from './fileNames';
import { matchesWildcards } from './namePatterns';
import type { UploadTarget } from './uploadFile';

/** A file to back up, under the name that it gets in the backup. */
export interface FileToBackUp extends Pick<UploadTarget, 'fileName' | 'mimeType' | 'rename'> {
	content: Content;
	/** Where it came from. */
	path: string;
	description: string;
}

/** What is backed up, and what isn't. */
export interface CollectedFiles {
	files: FileToBackUp[];
	/** How many binary fields aren't named. */
	fieldsLeftOut: number;
}

interface BinaryField {
	/** Any of them names it. */
	names: string[];
	data: IBinaryData;
}

const NO_FILES =
	'There is nothing to back up: the previous node found no files. Check its settings, for example the path of the files.';

/** How deep binary data may be in `json`. */
const DEEPEST = 10;

/**
 * Finds the files of all items. What can't be found is an error, because the backup would be silently incomplete.
 *
 * @throws UserError when there are no files, an item has none, or no item has a field of a name
 */
export async function collectFiles(
	items: ReadonlyArray<Item<{ binaryPropertyName: string }>>,
	{ context, clock }: Pick<NodeExecution, 'context' | 'clock'>,
): Promise<CollectedFiles> {
	const pause = createPause(clock);
	const inputs = context.getInputData();
	const names = new UniqueNames();
	const files: FileToBackUp[] = [];
	const wanted = new Set<string>();
	const found = new Set<string>();
	let fieldsLeftOut = 0;
	let withoutMatch: UserError | undefined;
	for (const { index, values } of items) {
		await pause();
		const fields = findBinaryFields(inputs[index]!, context);
		const patterns = splitNames(values.binaryPropertyName);
		for (const pattern of patterns) wanted.add(pattern);
		const chosen = fields.filter((field) => {
			const matching = patterns.filter((pattern) => matchesField(pattern, field));
			for (const pattern of matching) found.add(pattern);
			return matching.length > 0;
		});
		if (chosen.length === 0) withoutMatch ??= noMatch(index, values.binaryPropertyName, fields);
		for (const field of chosen) files.push(toFile(readField(context, index, field), names));
		fieldsLeftOut += fields.length - chosen.length;
	}
	if (files.length + fieldsLeftOut === 0) throw new UserError(NO_FILES);
	if (withoutMatch !== undefined) throw withoutMatch;
	for (const name of wanted) if (!found.has(name)) throw noField(name);
	return { files, fieldsLeftOut };
}

/**
 * Finds the binary data of one field.
 *
 * @throws NodeOperationError when the item has no such field
 */
export function findContent(context: IExecuteFunctions, index: number, name: string): Content {
	const fields = findBinaryFields(context.getInputData()[index]!, context);
	const field = fields.find((each) => matchesField(name, each));
	const data = field?.data ?? context.helpers.assertBinaryData(index, name);
	return readField(context, index, { names: [name], data });
}

function readField(
	context: IExecuteFunctions,
	index: number,
	{ names: [name], data }: BinaryField,
): Content {
	if (isContent(data)) return toContent(context, data);
	throw new UserError(
		`Item ${index} has a binary field '${name}' without a file. Correct the node that returns it.`,
	);
}

/** With the workflow's binary mode "combined", n8n puts binary data into `json`, and expressions may copy it there. */
function findBinaryFields(
	{ json, binary }: INodeExecutionData,
	context: Partial<Pick<IExecuteFunctions, 'getWorkflowSettings'>>,
): BinaryField[] {
	// A Code node may return null.
	const fields = Object.entries(binary ?? {}).map(([name, data]) => ({ names: [name], data }));
	if (context.getWorkflowSettings?.().binaryMode !== 'combined') return fields;
	return uniqBy([...fields, ...findInJson(json, [])], ({ data }) => data?.id || data);
}

function findInJson(value: unknown, path: string[]): BinaryField[] {
	if (typeof value !== 'object' || value === null || path.length > DEEPEST) return [];
	if (isBinaryData(value)) return [{ names: [path.join('.'), path.at(-1)!], data: value }];
	return Object.entries(value).flatMap(([name, member]) => findInJson(member, [...path, name]));
}

function isBinaryData(value: object): value is IBinaryData {
	return 'mimeType' in value && ('data' in value || 'id' in value);
}

function matchesField(pattern: string, { names }: BinaryField): boolean {
	return names.some((name) => matchesWildcards(pattern, name));
}

function noMatch(index: number, entered: string, fields: readonly BinaryField[]): UserError {
	const own = fields.map(({ names }) => `'${names[0]}'`).join(', ');
	const has = fields.length === 0 ? 'has no binary data' : `has only the binary fields ${own}`;
	return new UserError(
		`Item ${index} ${quote(has, 300)}, and 'Input Data Field Name' is '${quote(entered, 80)}'. Correct it, or remove the item before this node.`,
	);
}

function noField(name: string): UserError {
	return new UserError(
		`'Input Data Field Name' contains '${quote(name, 80)}', but no item has such a binary field. Correct it, or remove it.`,
	);
}

function splitNames(names: string): string[] {
	return names
		.split(',')
		.map((name) => name.trim())
		.filter((name) => name !== '');
}

function toFile(content: Content, names: UniqueNames): FileToBackUp {
	const { directory, fileName: name, mimeType } = content;
	const path = directory === '' ? name : `${directory}/${name}`;
	const fileName = toFileName(name);
	return {
		content,
		path,
		fileName: names.add(fileName),
		mimeType,
		description: (path.length <= MAX_DESCRIPTION ? path : name).slice(0, MAX_DESCRIPTION),
		// The name is taken, so it gets the next number.
		rename: () => names.add(fileName),
	};
}
