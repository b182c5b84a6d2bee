import type { IExecuteFunctions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { MAX_DESCRIPTION } from '../../shared/api/files';
import type { Item } from '../../shared/execution/item';
import type { Content } from './content';
import { findContent } from './content';
import type { FileTarget } from './uploadFile';
import { toFileName, UniqueNames } from './fileName';

/** A file to back up, under the name that it gets in the backup. */
export interface FileToBackUp extends FileTarget {
	content: Content;
}

/**
 * Finds the files of all items. An item without a file is an error, because the backup would be silently incomplete.
 *
 * @throws UserError when an item has none of the binary fields that it names
 */
export function collectFiles(
	items: ReadonlyArray<Item<{ binaryPropertyName: string }>>,
	context: IExecuteFunctions,
): FileToBackUp[] {
	const names = new UniqueNames();
	return items.flatMap((item) => {
		const fields = item.values.binaryPropertyName
			.split(',')
			.map((field) => field.trim())
			.filter((field) => field !== '');
		const { binary = {} } = context.getInputData()[item.index]!;
		const found = fields.filter((field) => fields.length === 1 || field in binary);
		if (found.length === 0) {
			throw new UserError(
				`Item ${item.index} has none of the binary fields ${fields.map((field) => `'${field}'`).join(', ')}. Check 'Input Data Field Name', and the node before.`,
			);
		}
		return found.map((field) => toFile(findContent(context, item.index, field), names));
	});
}

/** The description keeps the original path, which Restore returns. */
function toFile(content: Content, names: UniqueNames): FileToBackUp {
	const { directory, mimeType } = content;
	const fileName = names.add(toFileName(content.fileName));
	const path = directory === '' ? content.fileName : `${directory}/${content.fileName}`;
	const isNeeded = path !== fileName && path.length <= MAX_DESCRIPTION;
	return { content, fileName, mimeType, ...(isNeeded && { description: path }) };
}
