import { inspect } from 'node:util';

import type { ICredentialDataDecryptedObject, IDataObject, INodeProperties } from 'n8n-workflow';
import { LoggerProxy } from 'n8n-workflow';

import { testCredential } from '#dist/nodes/shared/credentialTest';
import { BACKUP_NODE_TYPE, NODE_TYPE } from '../engine';
import { testContext } from '../engine/credentialTest';
import { bytes, filesWorkflow } from '../engine/files';
import { byId, continueOnFail, useKooDrive } from '../setup';
import type { Fault } from '../simulator';
import { defaultAccount, faults } from '../simulator';

/*
 * A server that repeats secrets in every field of every response, whatever the operation: none of them may reach what
 * n8n stores, shows or logs.
 */

const drive = useKooDrive();

const { accessToken, appSecret } = defaultAccount;
const REQUEST_SIGNATURE = '5a1f'.repeat(16);
const LINK_SIGNATURE = 'a2b4c6d8e0f1%2Fa3b5c7d9e1%2Ba9';
const STORE_SIGNATURE = '7b2e'.repeat(16);
const SECRETS = [accessToken, appSecret, REQUEST_SIGNATURE, LINK_SIGNATURE, STORE_SIGNATURE];

const IN_LINK = `AccessKeyId=A&Expires=1&Signature=${LINK_SIGNATURE}&X-Amz-Signature=${STORE_SIGNATURE}`;
const PLANTED = [
	`Bearer+${accessToken}`,
	`secret ${appSecret}`,
	`HMAC-SHA256 AppId=1,SignedHeaders=host;x-date;x-user-id,Signature=${REQUEST_SIGNATURE}`,
	`https://store.example/a?${IN_LINK}`,
].join(' ');

type Json = Record<string, unknown>;

/** Changes every value of a response, with the name that it has. */
function changeEach(value: unknown, change: (text: unknown, name: string) => unknown): unknown {
	if (Array.isArray(value)) return value.map((entry) => changeEach(entry, change));
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, member]) => [
			name,
			typeof member === 'object' ? changeEach(member, change) : change(member, name),
		]),
	);
}

/** What the nodes need to continue. */
const isNeeded = (name: string) =>
	/Id$|^code$|url$|sha256|status|size|Time$|Cursor$|Number$/i.test(name);
const isLink = (name: string) => /url$/i.test(name);

const inTexts = (answer: unknown) =>
	changeEach(answer, (member, name) => (isNeeded(name) ? member : `${String(member)} ${PLANTED}`));
const everywhere = (answer: unknown) =>
	changeEach(answer, (member, name) => (typeof member === 'string' ? PLANTED : name && member));
const besides = (answer: unknown): unknown => {
	if (Array.isArray(answer)) return answer.map(besides);
	if (typeof answer !== 'object' || answer === null) return answer;
	const members = Object.entries(answer).map(([name, member]) => [name, besides(member)]);
	return { ...Object.fromEntries(members), [PLANTED]: [PLANTED, { [`${PLANTED} `]: PLANTED }] };
};
const inLinks = (link: (url: string) => string) => (answer: unknown) =>
	changeEach(answer, (member, name) => (isLink(name) ? link(String(member)) : member));

const change = (how: (answer: unknown) => unknown): Fault =>
	faults.change((answer) => how(answer) as Json);
const headers = { 'Retry-After': PLANTED, ETag: PLANTED, 'Content-Type': 'application/json' };
const instead = (status: number, body: unknown): Fault => ({
	respond: { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
});

/** Every response is changed. */
const CHANGES: Record<string, Fault> = {
	'in each text that the nodes do without': change(inTexts),
	'in each text': change(everywhere),
	'in members that no page names': change(besides),
	'in links': change(inLinks((url) => `${url}&${IN_LINK}&t=${accessToken}&s=${appSecret}`)),
	'in links to nowhere': change(inLinks(() => `http://127.0.0.1:9/${accessToken}?${IN_LINK}`)),
	'in links that are none': change(inLinks(() => PLANTED)),
	'in links to a host': change(inLinks(() => `https://${accessToken}.invalid/a?${IN_LINK}`)),
	'in links that are not secure': change(inLinks(() => `http://${appSecret}.invalid/?${IN_LINK}`)),
	'in a page': instead(200, `<html><title>${PLANTED}</title>`),
	'in no JSON': instead(200, PLANTED),
	'in a redirect': faults.redirect(`https://a.invalid/?${IN_LINK}`),
};

/** Responses from the first, the second ... request on. */
const REJECTIONS: Record<string, Fault> = {
	"in a rejection's message": instead(400, { code: 13000102, msg: PLANTED }),
	"in a rejection's message under 200": instead(200, { code: 13009999, msg: PLANTED }),
	'in a message of the gateway': instead(401, { error_code: PLANTED, error_msg: PLANTED }),
};

/** The store's responses, and rejections of single files. */
const STORE_ERRORS = [400, 403, 404, 500].map((status) =>
	faults.storeError(status, PLANTED.replaceAll('&', '&amp;'), PLANTED.replaceAll('&', '&amp;')),
);

const fileRejected = (answer: unknown): unknown => {
	if (Array.isArray(answer)) return answer.map(fileRejected);
	if (typeof answer !== 'object' || answer === null) return answer;
	if ('url' in answer) return { ...answer, url: undefined, code: 13000407, msg: PLANTED };
	return Object.fromEntries(
		Object.entries(answer).map(([name, member]) => [name, fileRejected(member)]),
	);
};
CHANGES['in the rejection of a file'] = change(fileRejected);

interface Case {
	type: string;
	parameters: IDataObject;
}

/** Every operation of every node, as its description names them. */
function operationsOf(type: string): Case[] {
	const { properties } = drive.engine.nodeType(type).description;
	const optionsOf = (field: INodeProperties) =>
		(field.options ?? []).map((option) => ('value' in option ? option.value : undefined));
	return properties
		.filter(({ name }) => name === 'operation')
		.flatMap((field) => {
			const resources = field.displayOptions?.show?.resource ?? [undefined];
			return resources.flatMap((resource) =>
				optionsOf(field).map((operation) => ({
					type,
					parameters: { resource, operation } as IDataObject,
				})),
			);
		});
}

const logged: string[] = [];

beforeEach(() => {
	logged.length = 0;
	const note = (message: string, meta: unknown) =>
		void logged.push(`${message} ${inspect(meta, { depth: 30, showHidden: true })}`);
	LoggerProxy.init({
		error: note,
		warn: note,
		info: note,
		debug: note,
		scoped: () => LoggerProxy,
	} as never);
});

function credential(index: number): ICredentialDataDecryptedObject {
	const authentication = index % 2 === 0 ? 'accessToken' : 'app';
	const { appId, userId } = defaultAccount;
	return {
		endpoint: drive.simulator.endpoint,
		authentication,
		accessToken,
		appId,
		appSecret,
		userId,
	};
}

/** Parameters for any operation; n8n ignores those that an operation doesn't have. */
function prepare(operation: unknown): IDataObject {
	const { devices, records, files, locks } = drive.simulator;
	const { deviceId } = devices.bind('n8n', 'server-1', 'Linux');
	const [, complete] = ['2025-10-01T00:00:00Z', '2025-10-02T00:00:00Z'].map(
		(createTime) => records.create('100', deviceId, { status: 1, createTime }).recordId,
	);
	const { fileId } = files.add(complete!, { fileName: 'a.txt', content: bytes(1000) });
	const open = records.create('100', deviceId).recordId;
	return {
		deviceId: byId(deviceId),
		recordId: byId(['complete', 'upload'].includes(String(operation)) ? open : complete!),
		fileId,
		lockId: locks.create('100'),
		deviceName: 'server-1',
		moduleCode: '100',
		source: 'latest',
		retention: { keepLast: 1 },
		options: { includeLockDetails: true, releaseAtEnd: true },
	};
}

interface Planting {
	where: string;
	fault: Fault;
	/** The first request that gets it. */
	from: number;
	storeFault?: Fault;
}

const plantings: Planting[] = [
	...Object.entries(CHANGES).map(([where, fault]) => ({ where, fault, from: 0 })),
	...Object.entries(REJECTIONS).flatMap(([where, fault]) =>
		[0, 1, 3].map((from) => ({ where: `${where} from request ${from} on`, fault, from })),
	),
	...STORE_ERRORS.map((storeFault) => ({
		where: `in HTTP ${storeFault.respond!.status} of the object store`,
		fault: change(inTexts),
		from: 0,
		storeFault,
	})),
];

/** Runs an operation, and returns all that n8n stores of it. */
async function run({ type, parameters }: Case, index: number): Promise<string> {
	const { engine } = drive;
	const given = { ...prepare(parameters.operation), ...parameters };
	const settings = index % 3 === 0 ? {} : continueOnFail;
	const files = [{ content: bytes(1000, index), name: 'a.txt' }];
	const workflow = filesWorkflow(engine, [{ files }], given, { type, ...settings });
	const executed = await engine.run(workflow, credential(index));
	return JSON.stringify(executed.run) + inspect(executed.run, { depth: 30, showHidden: true });
}

async function runPlanted(operation: Case, planting: Planting, index: number): Promise<string> {
	const { simulator } = drive;
	let requests = 0;
	simulator.store.faultFor = () => planting.storeFault;
	simulator.faultFor = () => (requests++ >= planting.from ? planting.fault : undefined);
	const stored = await run(operation, index);
	expect(requests).toBeGreaterThan(0);
	return stored;
}

function expectNoSecretIn(text: string): void {
	const found = SECRETS.flatMap((secret) => {
		const at = text.toLowerCase().indexOf(secret.toLowerCase());
		return at < 0 ? [] : [text.slice(Math.max(0, at - 300), at + 100)];
	});
	expect(found).toEqual([]);
}

test.each(plantings)(
	'shows, stores and logs no secret that is planted $where',
	async (planting) => {
		const cases = [...operationsOf(NODE_TYPE), ...operationsOf(BACKUP_NODE_TYPE)];
		expect(cases.length).toBeGreaterThan(14);
		for (const [index, operation] of cases.entries()) {
			const stored = await runPlanted(operation, planting, index);
			try {
				expectNoSecretIn(stored);
				expectNoSecretIn([...logged, ...drive.engine.log].join('\n'));
			} catch (error) {
				throw new Error(JSON.stringify(operation.parameters), { cause: error });
			}
		}
		const hasStoreFault = planting.storeFault !== undefined;
		const isGet = ({ method }: { method: string }) => method === 'GET';
		if (hasStoreFault) expect(drive.simulator.store.requests.some(isGet)).toBe(true);
	},
);

test.each(plantings.filter(({ from }) => from === 0))(
	'offers no secret in lists and the credential test that is planted $where',
	async (planting) => {
		for (const index of [0, 1]) {
			drive.simulator.faultFor = () => planting.fault;
			const data = credential(index);
			const tested = await testCredential(
				testContext(),
				{ id: '', name: '', type: 'kooDriveApi', data },
				drive.clock,
			);
			expectNoSecretIn(JSON.stringify(tested));
			const { methods } = drive.engine.nodeType(BACKUP_NODE_TYPE);
			for (const list of Object.values(methods!.listSearch!)) {
				prepare('list');
				const context = await drive.engine.startListSearch(BACKUP_NODE_TYPE, {}, data);
				const offered = await list.call(context).catch((error: unknown) => error);
				expectNoSecretIn(inspect(offered, { depth: 30, showHidden: true }));
			}
		}
	},
);

test('uses a link as it came, whatever it contains', async () => {
	drive.simulator.faultFor = () => CHANGES['in links'];
	for (const operation of ['upload', 'download']) {
		await run({ type: BACKUP_NODE_TYPE, parameters: { resource: 'file', operation } }, 0);
		const { target } = drive.simulator.store.requests.at(-1)!;
		expect(target).toMatch(new RegExp(`&${IN_LINK}&t=${accessToken}&s=${appSecret}$`));
	}
	expect(drive.simulator.store.requests.map(({ method }) => method)).toEqual(
		expect.arrayContaining(['PUT', 'GET']),
	);
});
