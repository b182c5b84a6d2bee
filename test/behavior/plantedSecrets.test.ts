import { inspect } from 'node:util';

import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { LoggerProxy } from 'n8n-workflow';

import { canKeepAlive } from '../compatibility/versions';
import { everyAction } from '../everyAction';
import { useKooDrive } from '../setup';
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

function expectNoSecretIn(text: string, name: string): void {
	const found = SECRETS.flatMap((secret) => {
		const at = text.toLowerCase().indexOf(secret.toLowerCase());
		return at < 0 ? [] : [`${name}: ${text.slice(Math.max(0, at - 300), at + 100)}`];
	});
	expect(found).toEqual([]);
}

test.each(plantings)(
	'shows, stores and logs no secret that is planted $where',
	async ({ fault, storeFault, from }) => {
		const { simulator, engine } = drive;
		simulator.store.faultFor = () => storeFault;
		for (const [index, { name, run }] of everyAction(drive).entries()) {
			let requests = 0;
			simulator.faultFor = () => (requests++ >= from ? fault : undefined);
			expectNoSecretIn(await run(credential(index), index), name);
			expectNoSecretIn([...logged, ...engine.log].join('\n'), name);
			const sends = canKeepAlive || name !== 'lock keepAlive';
			expect([name, requests > 0]).toEqual([name, sends]);
		}
		// n8n's own lines, at every level.
		expect(logged.length).toBeGreaterThan(50);
		if (storeFault === undefined) return;
		expect(new Set(simulator.store.requests.map(({ method }) => method))).toEqual(
			new Set(['GET', 'PUT']),
		);
	},
);

test('uses a link as it came, whatever it contains', async () => {
	drive.simulator.faultFor = () => CHANGES['in links'];
	for (const action of everyAction(drive)) {
		if (/file (up|down)load/.test(action.name)) await action.run(credential(0), 0);
	}
	const { requests } = drive.simulator.store;
	expect(requests.map(({ method }) => method)).toEqual(expect.arrayContaining(['PUT', 'GET']));
	for (const { target } of requests) {
		expect(target).toMatch(new RegExp(`&${IN_LINK}&t=${accessToken}&s=${appSecret}$`));
	}
});
