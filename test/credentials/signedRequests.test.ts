import type { IDataObject, IExecuteFunctions, IHttpRequestOptions, INodeType } from 'n8n-workflow';

import { authenticateRequest } from '#dist/credentials/authentication/authorization';
import type { Executed, WorkflowJson } from '../engine';
import type { RecordedRequest } from '../simulator';
import { defaultAccount, faults } from '../simulator';
import { whyRefused } from '../simulator/authentication';
import { appCredential, errorOf, useKooDrive } from '../setup';

const drive = useKooDrive('real');

/** A node that sends what it is given, as n8n's HTTP Request node (the older helper) and others do. */
function requestNode(helper: string, options: object): INodeType {
	return {
		description: {
			...drive.engine.node.description,
			name: 'request',
			properties: [],
		},
		async execute(this: IExecuteFunctions) {
			const helpers = this.helpers as unknown as Record<
				string,
				(...args: unknown[]) => Promise<unknown>
			>;
			await helpers[helper]!.call(this, 'kooDriveApi', structuredCloneOf(options));
			return [[{ json: {} }]];
		},
	};
}

function structuredCloneOf(options: object): object {
	return { ...options, headers: { ...(options as { headers?: object }).headers } };
}

const workflow: WorkflowJson = {
	name: 'request',
	nodes: [
		{
			id: '1',
			name: 'Trigger',
			type: 'n8n-nodes-base.manualTrigger',
			typeVersion: 1,
			position: [0, 0],
			parameters: {},
		},
		{
			id: '2',
			name: 'Request',
			type: 'test.request',
			typeVersion: 1,
			position: [0, 0],
			parameters: {},
		},
	],
	connections: { Trigger: { main: [[{ node: 'Request', type: 'main', index: 0 }]] } },
};

async function send(
	helper: string,
	options: object,
	credential = appCredential(drive),
): Promise<Executed> {
	drive.simulator.faultFor = () => faults.body('{}');
	drive.engine.addNode('test.request', requestNode(helper, options));
	return await drive.engine.run(workflow, credential);
}

function refusal(request: RecordedRequest): string | undefined {
	const received = { ...request, body: Buffer.from(request.body) };
	return whyRefused(received, drive.simulator.account, drive.simulator.clock.now());
}

/** The meaning of a request, in any notation. */
function meaning({ method, target, headers, body }: RecordedRequest): object {
	const { pathname, searchParams } = new URL(target, 'http://host');
	const contentType = headers['content-type'];
	const isForm = contentType?.startsWith('application/x-www-form-urlencoded') === true;
	return {
		method,
		path: pathname,
		query: [...searchParams],
		contentType,
		body: isForm ? [...new URLSearchParams(body)] : body.trim(),
	};
}

const path = '/koodrive/ose/v1/backup/record';
const requests: Array<[string, (base: string) => IDataObject]> = [
	['a GET without a query', (base) => ({ url: base + path })],
	['a query in the URL', (base) => ({ url: `${base}${path}?moduleCode=100&pageSize=1` })],
	['a query in qs', (base) => ({ url: base + path, qs: { moduleCode: '100', pageSize: 1 } })],
	['a query in both', (base) => ({ url: `${base}${path}?b=2&a=1`, qs: { c: 3, B: 0 } })],
	['a list in the query', (base) => ({ url: base + path, qs: { id: ['b', 'a', 'a'] } })],
	[
		'a list repeated',
		(base) => ({ url: base + path, qs: { id: ['b', 'a'] }, arrayFormat: 'repeat' }),
	],
	[
		'a list in brackets',
		(base) => ({ url: base + path, qs: { id: [1, 2] }, arrayFormat: 'brackets' }),
	],
	[
		'a list with commas',
		(base) => ({ url: base + path, qs: { id: [1, 2] }, arrayFormat: 'comma' }),
	],
	[
		'a list with gaps and commas',
		(base) => ({ url: base + path, qs: { id: [1, null, undefined, 2] }, arrayFormat: 'comma' }),
	],
	[
		'an object in the query',
		(base) => ({ url: base + path, qs: { a: { b: { c: [1, { d: true }] } } } }),
	],
	['empty values', (base) => ({ url: `${base}${path}?x&y=`, qs: { e: '', n: null } })],
	['non-ASCII everywhere', (base) => ({ url: `${base}/网盘/ü?名=值`, qs: { 'clé é': 'ñ ☁️' } })],
	['percent signs', (base) => ({ url: `${base}/a%20b/100%25?p=%2525&q=50%`, qs: { r: '100%' } })],
	[
		'reserved characters',
		(base) => ({ url: `${base}/a!$&'()*+,;=:@b?x=a+b`, qs: { y: "!'()*+/?:@&=" } }),
	],
	['a fragment', (base) => ({ url: `${base}${path}?a=1#top` })],
	['a baseURL', (base) => ({ baseURL: base, url: path })],
	[
		'a baseURL with slashes',
		(base) => ({ baseURL: `${base}/koodrive/`, url: '/ose', qs: { a: 1 } }),
	],
	[
		'a baseURL with more slashes than it takes',
		(base) => ({ baseURL: `${base}/koodrive//`, url: '/ose//v1' }),
	],
	['a baseURL before a relative path', (base) => ({ baseURL: base, url: 'koodrive/ose' })],
	[
		'a baseURL before an address in a query',
		(base) => ({ baseURL: base, url: '/ose?to=https://drive.example' }),
	],
	[
		'a baseURL before a relative path and an address in its query',
		(base) => ({ baseURL: base, url: 'ose?to=https://drive.example' }),
	],
	['a baseURL that is not needed', (base) => ({ baseURL: 'https://other', url: base + path })],
	['a value that is not there', (base) => ({ url: base + path, qs: { a: undefined, b: 1 } })],
	['dots in the path', (base) => ({ url: `${base}/a/./b/../c` })],
	[
		'a JSON body',
		(base) => ({ url: base + path, method: 'POST', body: { moduleCode: '102', n: [1] } }),
	],
	[
		'a JSON body with json',
		(base) => ({ url: base + path, method: 'POST', body: { ü: '值' }, json: true }),
	],
	['a list as the body', (base) => ({ url: base + path, method: 'PUT', body: [1, 'a'] })],
	[
		'a text as the body',
		(base) => ({
			url: base + path,
			method: 'POST',
			body: 'plain ü',
			headers: { 'Content-Type': 'text/plain' },
		}),
	],
	[
		'JSON text with blanks',
		(base) => ({
			url: base + path,
			method: 'POST',
			body: ' {"a": 1} ',
			headers: { 'content-type': 'application/json' },
		}),
	],
	[
		'no JSON at all as JSON',
		(base) => ({
			url: base + path,
			method: 'POST',
			body: 'x',
			headers: { 'Content-Type': 'application/json' },
		}),
	],
	[
		'a form',
		(base) => ({
			url: base + path,
			method: 'POST',
			body: { a: 'b c', d: ['ü'] },
			headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
		}),
	],
	[
		'a form of lists and objects',
		(base) => ({
			url: base + path,
			method: 'POST',
			body: {
				a: { b: [1, 2], c: { d: 'e' } },
				f: [{ g: 1 }, { g: 2 }],
				h: null,
				i: undefined,
				j: [1, { k: 2 }],
			},
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
		}),
	],
	[
		'a form whose type names a charset',
		(base) => ({
			url: base + path,
			method: 'POST',
			body: { a: 'b' },
			headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
		}),
	],
	[
		'bytes with a type of their own',
		(base) => ({
			url: base + path,
			method: 'POST',
			body: Buffer.from('a'),
			headers: { 'Content-Type': 'text/csv' },
		}),
	],
	[
		'JSON with a type of its own',
		(base) => ({
			url: base + path,
			method: 'POST',
			body: { a: 1 },
			headers: { 'Content-Type': 'application/vnd.api+json' },
		}),
	],
	['null as the body', (base) => ({ url: base + path, method: 'POST', body: null })],
	['a text without a type', (base) => ({ url: base + path, method: 'POST', body: 'a=1' })],
	['an empty text', (base) => ({ url: base + path, method: 'POST', body: '' })],
	['an empty object', (base) => ({ url: base + path, method: 'POST', body: {} })],
	['a POST without a body', (base) => ({ url: base + path, method: 'POST' })],
	['a DELETE without a body', (base) => ({ url: base + path, method: 'DELETE' })],
	['a GET with a body', (base) => ({ url: base + path, method: 'GET', body: { a: 1 } })],
];

/** The older helper names the URL and the format of a list in the query differently. */
function legacy(options: IDataObject): IDataObject {
	const { url, arrayFormat, ...others } = options;
	return {
		...others,
		uri: url,
		...(arrayFormat !== undefined && { qsStringifyOptions: { arrayFormat } }),
	};
}

/** The older helper supports no commas in the query, and sets a Content-Type even for an empty body. */
const notThroughTheOlder = [
	'a list with commas',
	'a list with gaps and commas',
	'an empty text',
	'null as the body',
];

describe.each<[string, typeof requests, (options: IDataObject) => IDataObject]>([
	['httpRequestWithAuthentication', requests, (options) => options],
	[
		'requestWithAuthentication',
		requests.filter(([what]) => !notThroughTheOlder.includes(what)),
		legacy,
	],
])('through %s', (helper, itsRequests, inItsForm) => {
	test.each(itsRequests)('signs what is sent: %s', async (_what, options) => {
		await send(helper, inItsForm(options(drive.simulator.endpoint)));
		const [request, ...more] = drive.simulator.requests;
		expect(more).toEqual([]);
		expect(request!.headers.authorization).toMatch(/^HMAC-SHA256 AppId=/);
		expect(refusal(request!)).toBeUndefined();
	});

	test.each(itsRequests)('changes nothing but the headers: %s', async (_what, options) => {
		const request = inItsForm(options(drive.simulator.endpoint));
		await send(helper, request);
		await send(helper, request, drive.credential);
		const [signed, unsigned] = drive.simulator.requests.map(meaning);
		expect(signed).toEqual(unsigned);
	});
});

test.each([
	['a form of the older helper', { form: { a: 'b c', d: 'ü' } }, 'a=b%20c&d=%C3%BC'],
	['a form as text', { form: 'a=b' }, 'a=b'],
	['no form at all', { form: null, body: 'a=b', headers: { 'Content-Type': 'text/plain' } }, 'a=b'],
	[
		'a repeated field',
		{
			body: { d: [1, 2] },
			useQuerystring: true,
			headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
		},
		'd=1&d=2',
	],
	['a list in a form', { form: { d: [1] }, useQuerystring: true }, 'd%5B0%5D=1'],
	['repeated names', { qs: { id: [1, 2] }, useQuerystring: true }, ''],
	[
		'repeated names in its own words',
		{ qs: { id: [1, 2] }, qsStringifyOptions: { arrayFormat: 'repeat' } },
		'',
	],
])('signs %s as n8n’s HTTP Request node sends it', async (_what, options, body) => {
	const uri = drive.simulator.endpoint + path;
	await send('requestWithAuthentication', { method: 'POST', uri, ...options });
	const [request] = drive.simulator.requests;
	expect(refusal(request!)).toBeUndefined();
	expect(request!.body).toBe(body);
	if ('qs' in options) expect(request!.target).toBe(`${path}?id=1&id=2`);
});

test('sends lists in the query in the requested format', async () => {
	const url = drive.simulator.endpoint + path;
	for (const arrayFormat of [undefined, 'indices', 'brackets', 'repeat', 'comma']) {
		await send('httpRequestWithAuthentication', { url, qs: { id: ['a', 'b'] }, arrayFormat });
	}
	const queries = drive.simulator.requests.map(({ target }) =>
		decodeURIComponent(target.split('?')[1]!),
	);
	expect(queries).toEqual([
		'id[0]=a&id[1]=b',
		'id[0]=a&id[1]=b',
		'id[]=a&id[]=b',
		'id=a&id=b',
		'id=a,b',
	]);
});

test('sends a Buffer and URLSearchParams unchanged', async () => {
	const url = drive.simulator.endpoint + path;
	const method = 'POST';
	await send('httpRequestWithAuthentication', { url, method, body: Buffer.from('bytes') });
	await send('httpRequestWithAuthentication', {
		url,
		method,
		body: new URLSearchParams({ a: 'b c' }),
	});
	const [bytes, fields] = drive.simulator.requests;
	expect([bytes!.body, fields!.body]).toEqual(['bytes', 'a=b+c']);
	expect([refusal(bytes!), refusal(fields!)]).toEqual([undefined, undefined]);
});

test('keeps the X-Date of the caller, in any case, and sends it once', async () => {
	const signingTime = '20251103T070140Z';
	drive.simulator.clock.set(Date.UTC(2025, 10, 3, 7, 2));
	await send('httpRequestWithAuthentication', {
		url: drive.simulator.endpoint + path,
		headers: { 'x-date': signingTime, authorization: 'other', 'X-USER-ID': 'other' },
	});
	const [request] = drive.simulator.requests;
	expect(request!.headers['x-date']).toBe(signingTime);
	expect(
		request!.rawHeaders.filter((name) => /^(x-date|authorization|x-user-id)$/i.test(name)),
	).toHaveLength(3);
	expect(refusal(request!)).toBeUndefined();
});

test.each(['', null])('replaces the X-Date %j', async (signingTime) => {
	await send('httpRequestWithAuthentication', {
		url: drive.simulator.endpoint + path,
		headers: { 'x-date': signingTime },
	});
	expect(drive.simulator.requests[0]!.headers['x-date']).toMatch(/^\d{8}T\d{6}Z$/);
	expect(refusal(drive.simulator.requests[0]!)).toBeUndefined();
});

test('returns a request in the format in which it came', () => {
	const { appId, appSecret, userId } = defaultAccount;
	const credential = { authentication: 'app', appId, appSecret, userId };
	const uri = 'https://drive.example/a';
	const older = { uri, qs: { b: 1 } } as unknown as IHttpRequestOptions;
	expect(authenticateRequest(credential, older, 0)).toMatchObject({ uri: `${uri}?b=1` });
	expect(authenticateRequest(credential, older, 0)).not.toHaveProperty('url');
	const newer = { url: uri, qs: { b: 1 } };
	expect(authenticateRequest(credential, newer, 0)).toMatchObject({ url: `${uri}?b=1` });
	expect(authenticateRequest(credential, newer, 0)).not.toHaveProperty('uri');
});

test('sets no Content-Type without a body', () => {
	const { headers } = authenticateRequest(
		appCredential(drive),
		{ url: `${drive.simulator.endpoint}/koodrive/ose/v1/backup/lock`, method: 'PATCH' },
		drive.simulator.clock.now(),
	);
	expect(Object.keys(headers ?? {}).sort()).toEqual(['Authorization', 'X-Date', 'X-User-Id']);
});

test('signs the Host header of the caller', async () => {
	await send('httpRequestWithAuthentication', {
		url: drive.simulator.endpoint + path,
		headers: { Host: 'drive.example' },
	});
	expect(drive.simulator.requests[0]!.headers.host).toBe('drive.example');
	expect(refusal(drive.simulator.requests[0]!)).toBeUndefined();
});

test.each<[string, object]>([
	['a multipart form', { body: new FormData() }],
	['a stream', { body: { pipe: () => undefined, x: 1 } }],
	['a multipart form of the older helper', { formData: { a: 'b' } }],
])('rejects %s', async (_what, options) => {
	const url = drive.simulator.endpoint + path;
	const executed = await send('httpRequestWithAuthentication', { url, method: 'POST', ...options });
	expect(errorOf(executed).message).toContain("can't sign a file or a multipart form");
	expect(drive.simulator.requests).toEqual([]);
});

test('rejects a request without a complete URL', async () => {
	for (const url of ['/only/a/path', '//host/without/a/scheme']) {
		const executed = await send('httpRequestWithAuthentication', { url });
		expect(errorOf(executed).message).toContain("The request's URL must be complete");
	}
	// A URL that names its host ignores baseURL, so it has no scheme.
	const baseURL = drive.simulator.endpoint;
	const executed = await send('httpRequestWithAuthentication', { baseURL, url: '//host/path' });
	expect(errorOf(executed).message).toContain("The request's URL must be complete");
	expect(drive.simulator.requests).toEqual([]);
});

describe('a signature is invalid after a change to', () => {
	const { userId, appId, appSecret } = defaultAccount;
	const now = Date.UTC(2025, 10, 3, 7, 1, 40);
	type Request = Parameters<typeof whyRefused>[0];

	function signedRequest(): Request {
		const body = '{"moduleCode":"102"}';
		const signed = authenticateRequest(
			{ authentication: 'app', userId, appId, appSecret },
			{
				method: 'POST',
				url: `https://drive.example${path}?a=1&b=2`,
				body: JSON.parse(body) as object,
			},
			now,
		);
		const headers = Object.entries({ ...signed.headers, Host: 'drive.example' }).map(
			([name, value]) => [name.toLowerCase(), String(value)],
		);
		return {
			method: 'POST',
			target: `${path}?a=1&b=2`,
			headers: Object.fromEntries(headers) as Record<string, string>,
			body: Buffer.from(body),
		};
	}

	const withHeader =
		(name: string, change: (value: string) => string) =>
		({ headers }: Request): Partial<Request> => ({
			headers: { ...headers, [name]: change(String(headers[name])) },
		});

	test('nothing, when it is valid', () => {
		expect(whyRefused(signedRequest(), defaultAccount, now)).toBeUndefined();
	});

	test.each<[string, (request: Request) => Partial<Request>]>([
		['the method', () => ({ method: 'PUT' })],
		['the path', () => ({ target: `${path}s?a=1&b=2` })],
		['a value of the query', () => ({ target: `${path}?a=1&b=3` })],
		['a name of the query', () => ({ target: `${path}?a=1&c=2` })],
		['the query left out', () => ({ target: path })],
		['the host', withHeader('host', () => 'other.example')],
		['the signing time', withHeader('x-date', () => '20251103T070139Z')],
		['the user', withHeader('x-user-id', () => '1')],
		[
			'a digit of the signature',
			withHeader('authorization', (value) =>
				value.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
			),
		],
		['the app', withHeader('authorization', (value) => value.replace(appId, 'another'))],
		['the body', () => ({ body: Buffer.from('{"moduleCode":"101"}') })],
		['a blank in the body', () => ({ body: Buffer.from('{"moduleCode": "102"}') })],
	])('%s', (_what, change) => {
		const request = signedRequest();
		const changed = { ...request, ...change(request) };
		expect(whyRefused(changed, defaultAccount, now)).toBe('credential');
	});
});
