import type { IDataObject } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';

import { isJsonObject, tryParseJson } from '../http/json';

/** What a backup contains, and what made it. */
export interface BackupSummary {
	files: number;
	bytes: number;
	workflow: { id: string; name: string };
	/** The ID of the execution. */
	execution: string;
}

/** Where it stands in a record's properties, beside the user's own. */
const KEY = 'n8n';

/**
 * Adds a summary to the properties of a record. The user's own are kept as they were entered, because parsing and
 * writing them again could change a number.
 *
 * @param properties a JSON object as text; empty where the user has none
 * @throws UserError as {@link requireOwnProperties}
 */
export function addSummary(properties: string, recordId: string, summary: BackupSummary): string {
	requireOwnProperties(properties);
	const member = `${JSON.stringify(KEY)}:${JSON.stringify({ recordId, ...summary })}`;
	const own = properties.trim().slice(1, -1).trim();
	return own === '' ? `{${member}}` : `{${own},${member}}`;
}

/** @throws UserError when properties aren't a JSON object, or have a member of the name that the summary needs */
export function requireOwnProperties(properties: string): void {
	if (properties.trim() === '') return;
	const own = tryParseJson(properties);
	if (!isJsonObject(own)) {
		throw new UserError(
			'\'Properties (JSON)\' must be a JSON object. Write it as in { "source": "nightly" }, or leave the field empty.',
		);
	}
	if (!Object.hasOwn(own, KEY)) return;
	throw new UserError(
		`'Properties (JSON)' must not contain "${KEY}", where Back Up stores what the backup contains. Use another name.`,
	);
}

/**
 * Reads what a backup contains. Other clients store anything in the properties, even copies of another record's, so
 * a summary counts only in the record that it names.
 *
 * @param record a BackupRecord
 * @returns `undefined` where the record has none
 */
export function readSummary({ recordId, properties }: IDataObject): BackupSummary | undefined {
	const all = typeof properties === 'string' ? tryParseJson(properties) : properties;
	const found = readOwn(all, KEY);
	const [files, bytes] = [readOwn(found, 'files'), readOwn(found, 'bytes')];
	const named = toId(readOwn(found, 'recordId'));
	if (named === '' || named !== toId(recordId)) return undefined;
	if (!isCount(files) || !isCount(bytes)) return undefined;
	const workflow = readOwn(found, 'workflow');
	return {
		files,
		bytes,
		workflow: { id: readText(workflow, 'id'), name: readText(workflow, 'name') },
		execution: readText(found, 'execution'),
	};
}

/** Adds what a backup contains to the output of its record, where that is known. */
export function withSummary(record: IDataObject): IDataObject {
	const summary = readSummary(record);
	return summary === undefined ? record : { ...record, summary: { ...summary } };
}

function readOwn(object: unknown, name: string): unknown {
	return isJsonObject(object) && Object.hasOwn(object, name) ? object[name] : undefined;
}

function readText(object: unknown, name: string): string {
	const value = readOwn(object, name);
	return typeof value === 'string' ? value : '';
}

function toId(value: unknown): string {
	return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

function isCount(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
