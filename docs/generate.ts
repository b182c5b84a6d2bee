/*
 * Writes docs/troubleshooting.md from its template and the table of reasons. With `--check`, it only fails if the
 * file is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import lowerFirst from 'lodash/lowerFirst';
import upperFirst from 'lodash/upperFirst';
import * as prettier from 'prettier';

import { resources as backupResources } from '../nodes/KooDriveBackup/resources/index';
import { resources as lockResources } from '../nodes/KooDriveBackupLock/operations/index';
import type { ReasonName } from '../nodes/shared/errors/reasons';
import { getReason } from '../nodes/shared/errors/reasons';
import type { GaveUp } from '../nodes/shared/errors/failure';
import type { Resource } from '../nodes/shared/execution/operation';
import { GAVE_UP } from '../nodes/shared/execution/output';
import { ERROR_CODE_REASONS } from '../nodes/shared/http/networkError';
import {
	BUSINESS_CODE_REASONS,
	STATUS_REASONS,
	TRANSIENT_STATUS_REASONS,
} from '../nodes/shared/http/response';

type Group = 'network' | 'credential' | 'service' | 'input' | 'transfers';

/** Where a reason is explained, in this order. */
const GROUPS: Record<ReasonName, Group> = {
	dnsLookupFailed: 'network',
	hostNotFound: 'network',
	connectionRefused: 'network',
	connectTimeout: 'network',
	hostUnreachable: 'network',
	connectionReset: 'network',
	connectionFailed: 'network',
	tlsHandshakeReset: 'network',
	tlsFailed: 'network',
	certificateUntrusted: 'network',
	responseTimeout: 'network',
	responseTruncated: 'network',
	responseTooLarge: 'network',
	redirected: 'network',
	notKooDrive: 'network',
	proxyRejected: 'network',
	skipped: 'network',
	tokenRejected: 'credential',
	signatureRejected: 'credential',
	clockSkew: 'credential',
	forbidden: 'credential',
	badRequest: 'credential',
	pathNotFound: 'credential',
	notSent: 'credential',
	notFound: 'service',
	parameterRejected: 'service',
	rateLimited: 'service',
	unavailable: 'service',
	badGateway: 'service',
	serverError: 'service',
	gatewayRejected: 'service',
	rejected: 'service',
	spaceUnavailable: 'service',
	outOfSpace: 'service',
	responseIncomplete: 'service',
	pageRepeated: 'service',
	listEndless: 'service',
	recordTimeInvalid: 'service',
	invalidInput: 'input',
	canceled: 'input',
	fileNameRejected: 'transfers',
	duplicateFileName: 'transfers',
	fileTooLarge: 'transfers',
	contentChanged: 'transfers',
	contentUnreadable: 'transfers',
	contentNotStored: 'transfers',
	uploadNotFound: 'transfers',
	checksumMismatch: 'transfers',
	contentNotCheckable: 'transfers',
	stateNotChanged: 'transfers',
	transferRejected: 'transfers',
	storeUnreachable: 'transfers',
	storeUntrusted: 'transfers',
	storeUnavailable: 'transfers',
	storeRejected: 'transfers',
	rangeRejected: 'transfers',
	contentTooLarge: 'transfers',
	recordNotCompleted: 'transfers',
	fileListIncomplete: 'transfers',
	linkExpired: 'transfers',
	linkInsecure: 'transfers',
};

/** What each sentence about the attempts means. */
const ATTEMPTS: Record<GaveUp, string> = {
	maxAttempts:
		"KooDrive was unavailable for longer than the attempts take, or 'Max Tries' is low. Ten attempts cover at least 40 seconds.",
	deadline: 'KooDrive responded slowly, or asked to wait for longer. Run the workflow again later.',
	longDeadline:
		'KooDrive or its object store was unavailable while files were transferred or backups deleted. Run the workflow again later.',
	circuitOpen:
		'KooDrive was unreachable for all items, so the others were skipped. Run the workflow again later.',
};

/** What the tables of the code don't contain. */
const MORE_SOURCES: Partial<Record<ReasonName, string>> = {
	connectTimeout: '`ETIMEDOUT`',
	tlsHandshakeReset: '`ECONNRESET`',
	redirected: 'HTTP 300 to 399',
	proxyRejected: 'HTTP 407',
};

interface NamedOperation {
	/** For example `KooDrive Backup, File: Upload`. */
	name: string;
	messages: Resource['operations'][number]['messages'];
}

const operations: NamedOperation[] = [
	...nameOperations('KooDrive Backup Lock', lockResources),
	...nameOperations('KooDrive Backup', backupResources),
];

function nameOperations(node: string, resources: readonly Resource[]): NamedOperation[] {
	return resources.flatMap(({ option: resource, operations: ofResource }) =>
		ofResource.map(({ option, messages }) => ({
			name: `${resources.length === 1 ? node : `${node}, ${resource.name}`}: ${option.name}`,
			messages,
		})),
	);
}

/** How a reason shows itself in KooDrive's response or in the network's error, as one sentence. */
function describeSources(reason: ReasonName): string {
	const statuses = [...TRANSIENT_STATUS_REASONS, ...STATUS_REASONS]
		.filter(
			([, name]) => name === reason || (name === 'credentialRejected' && isCredential(reason)),
		)
		.map(([status]) => status);
	const codes = [...BUSINESS_CODE_REASONS].filter(([, name]) => name === reason);
	const networkCodes = [...ERROR_CODE_REASONS].filter(([, name]) => name === reason);
	return [
		statuses.length > 0 && `HTTP ${joinRanges(statuses)}`,
		codes.length > 0 && `code ${codes.map(([code]) => code).join(', ')}`,
		networkCodes.length > 0 && networkCodes.map(([code]) => `\`${code}\``).join(', '),
		MORE_SOURCES[reason],
	]
		.filter(Boolean)
		.join('; ');
}

function isCredential(reason: ReasonName): boolean {
	return reason === 'tokenRejected' || reason === 'signatureRejected';
}

/** @returns for example `502, 504, 520 to 530` */
function joinRanges(numbers: readonly number[]): string {
	const ranges: Array<[first: number, last: number]> = [];
	for (const number of [...numbers].sort((one, other) => one - other)) {
		const range = ranges.at(-1);
		if (range !== undefined && number === range[1] + 1) range[1] = number;
		else ranges.push([number, number]);
	}
	return ranges
		.map(([first, last]) => (first === last ? String(first) : `${first} to ${last}`))
		.join(', ');
}

/** What is repeated in another way than by sending the request again. */
const OTHER_RETRIES: Partial<Record<ReasonName, string>> = {
	uploadNotFound: 'Once, with a new upload of the file',
	checksumMismatch: 'A download, once',
	linkExpired: 'Yes, with a new link, up to two times in a row',
};

function describeRetries(reason: ReasonName): string {
	const other = OTHER_RETRIES[reason];
	if (other !== undefined) return other;
	const { retryable, maxAttempts, mayHaveExecuted } = getReason(reason);
	if (!retryable) return 'No';
	const limit = maxAttempts === undefined ? 'Yes' : `Yes, up to ${maxAttempts} attempts`;
	return mayHaveExecuted ? `${limit}, except requests that create something` : limit;
}

/** Capitalizes the first letter, except that of n8n. */
function startSentence(text: string): string {
	return text.startsWith('n8n') ? text : upperFirst(text);
}

/** Formats the names of environment variables as code, and escapes what Markdown would take for an escape. */
function toMarkdown(text: string): string {
	return text.replaceAll('\\', '\\\\').replace(/\b[A-Z\d]+(?:_[A-Z\d]+)+\b(?!`)/g, '`$&`');
}

/** A list of the operations with their own texts; those with the same texts share an entry. */
function listOwnTexts(
	read: (messages: NamedOperation['messages']) => { message?: string; description?: string },
	general: { message: string; description: string },
): string {
	const entries = new Map<string, string[]>();
	for (const { name, messages } of operations) {
		const { message = general.message, description = general.description } = read(messages);
		if (message === general.message && description === general.description) continue;
		const texts = JSON.stringify([startSentence(message), description]);
		entries.set(texts, [...(entries.get(texts) ?? []), name]);
	}
	const items = [...entries].map(([texts, names]) => {
		const [message, description] = JSON.parse(texts) as [string, string];
		return `- **${message}** (${joinNames(names)})\n\n  ${toMarkdown(description)}`;
	});
	return items.join('\n\n');
}

/** @returns for example `KooDrive Backup Lock: Create, Renew` */
function joinNames(names: readonly string[]): string {
	const byPrefix = new Map<string, string[]>();
	for (const name of names) {
		const [prefix = '', operation = ''] = name.split(': ');
		byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), operation]);
	}
	return [...byPrefix].map(([prefix, list]) => `${prefix}: ${list.join(', ')}`).join('; ');
}

function writeReason(reason: ReasonName): string {
	const general = getReason(reason);
	const sources = describeSources(reason);
	const ownTexts = listOwnTexts(({ reasons }) => reasons[reason] ?? {}, general);
	return [
		`<a id="${reason}"></a>`,
		`### ${startSentence(general.message)}`,
		toMarkdown(general.description),
		[`- **Retried:** ${describeRetries(reason)}`, sources !== '' && `- **Seen as:** ${sources}`]
			.filter(Boolean)
			.join('\n'),
		ownTexts !== '' && `In some operations, the text is another one:\n\n${ownTexts}`,
	]
		.filter(Boolean)
		.join('\n\n');
}

function writeGroup(group: string): string {
	const names = Object.keys(GROUPS) as ReasonName[];
	const reasons = names.filter((name) => GROUPS[name] === group);
	if (reasons.length === 0) throw new Error(`no reason is in the group ${group}`);
	return reasons.map(writeReason).join('\n\n');
}

function writeLeases(): string {
	const none = { message: 'it', description: '' };
	return listOwnTexts(({ reasons }) => {
		const { message, description } = reasons.leaseLost ?? none;
		return message === none.message
			? none
			: { message: `${lowerFirst(message)} was lost at …`, description };
	}, none);
}

function writeAttempts(): string {
	const rows = Object.entries(ATTEMPTS).map(
		([gaveUp, meaning]) => `| ${GAVE_UP[gaveUp as GaveUp]} | ${meaning} |`,
	);
	return ['| Sentence | Meaning |', '| --- | --- |', ...rows].join('\n');
}

const path = join(__dirname, 'troubleshooting.md');
const template = readFileSync(join(__dirname, 'troubleshooting.template.md'), 'utf8');

async function main(): Promise<void> {
	const markdown = template
		.replace('# Troubleshooting\n', '# Troubleshooting\n\n<!-- Written by `npm run docs`. -->\n')
		.replace(/<!-- reasons: (\w+) -->/g, (_, group: string) => writeGroup(group))
		.replace('<!-- leases -->', writeLeases)
		.replace('<!-- attempts -->', writeAttempts);
	const config = await prettier.resolveConfig(path);
	const page = await prettier.format(markdown, { ...config, filepath: path });
	if (!process.argv.includes('--check')) return writeFileSync(path, page);
	if (readFileSync(path, 'utf8') === page) return;
	console.error('docs/troubleshooting.md is out of date: run `npm run docs`');
	process.exitCode = 1;
}

void main();
