import { AKSKSigner } from '@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner';
import fc from 'fast-check';

import type { SignableRequest } from '#dist/credentials/authentication/signature';
import { canonicalRequest, signedAuthorization } from '#dist/credentials/authentication/signature';
import { uriEncode } from '#dist/credentials/wire';
import vectors from './vectors.json';

const SECRET = 'f3a9d27c5b8e41c09d6e7f8a1b2c3d4e';
const headers = {
	host: 'intl.myhuaweicloud-koodrive.com',
	'x-date': '20251103T070140Z',
	'x-user-id': '1505084218764547200',
};
const requests: Record<string, Omit<SignableRequest, 'headers' | 'body'>> = {
	renew: { method: 'patch', path: '/koodrive/ose/v1/backup/lock', query: [] },
	create: { method: 'POST', path: '/koodrive/ose/v1/backup/lock', query: [] },
	list: {
		method: 'GET',
		path: '/koodrive/ose/v1/backup/record',
		query: [
			['pageSize', '1'],
			['moduleCode', '100'],
			['deviceId', ''],
			['cursor', 'a b+c%~'],
			['Zeta', '1'],
		],
	},
};

const ANY: SignableRequest = {
	method: 'GET',
	path: '/',
	query: [],
	headers,
	body: Buffer.alloc(0),
};

function linesOf(request: Partial<SignableRequest>): string[] {
	return canonicalRequest({ ...ANY, ...request }).split('\n');
}

test.each(vectors)('signs $name as openssl does', (vector) => {
	const request = { ...requests[vector.name]!, headers, body: Buffer.from(vector.body) };
	expect(canonicalRequest(request)).toBe(vector.canonicalRequest);
	expect(signedAuthorization('6d1c5f0e2b', SECRET, request)).toBe(
		`HMAC-SHA256 AppId=6d1c5f0e2b,SignedHeaders=host;x-date;x-user-id,Signature=${vector.signature}`,
	);
});

test.each([
	['/koodrive/ose/v1/backup/lock', '/koodrive/ose/v1/backup/lock/'],
	['/koodrive/ose/v1/backup/lock/', '/koodrive/ose/v1/backup/lock/'],
	['', '/'],
	['/', '/'],
	['//a///b', '/a/b/'],
	['/a/./b/../c', '/a/c/'],
	['/../a', '/a/'],
	['/a b', '/a%20b/'],
	['/a%20b', '/a%20b/'],
	['/%E4%BD%A0', '/%E4%BD%A0/'],
	['/你', '/%E4%BD%A0/'],
	['/100%', '/100%25/'],
	['/a%2Fb', '/a%2Fb/'],
	["/!'()*", '/%21%27%28%29%2A/'],
	['/-_.~', '/-_.~/'],
])('turns the path %j into the canonical URI %j', (path, canonical) => {
	expect(linesOf({ path })[1]).toBe(canonical);
});

test('sorts the query by character code, including values', () => {
	const query = ['b=2', 'a=9', 'B=1', 'a=10', 'a=10'].map(
		(pair) => pair.split('=') as [string, string],
	);
	expect(linesOf({ query })[2]).toBe('B=1&a=10&a=10&a=9&b=2');
});

test('writes the headers in lower case, trimmed and sorted', () => {
	const mixed = { 'X-User-Id': ' 15 ', Host: 'h', 'x-date': 'd' };
	expect(linesOf({ headers: mixed }).slice(3, 8)).toEqual([
		'host:h',
		'x-date:d',
		'x-user-id:15',
		'',
		'host;x-date;x-user-id',
	]);
	expect(signedAuthorization('1', SECRET, { ...ANY, headers: mixed })).toContain(
		',SignedHeaders=host;x-date;x-user-id,',
	);
});

test('hashes an empty body', () => {
	expect(linesOf({}).at(-1)).toBe(
		'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
	);
});

test('encodes a lone surrogate', () => {
	expect(uriEncode('\ud800')).toBe('%EF%BF%BD');
});

/** The SDK declares these methods of its signer protected. */
const sdk = AKSKSigner as unknown as Record<string, (...args: unknown[]) => string>;

function isWellFormed(value: string): boolean {
	return Buffer.from(value).toString() === value;
}

const text = fc.string({ unit: 'binary', maxLength: 12 });
const name = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 8 });

test("builds the canonical request of Huawei's SDK for generated requests", () => {
	fc.assert(
		fc.property(
			fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
			// The SDK encodes a path that is already encoded once more; the page wants each part encoded once, so
			// the two are compared where no part needs it.
			fc.array(fc.stringMatching(/^[A-Za-z0-9_~-]{1,10}$/), { minLength: 1, maxLength: 6 }),
			fc.dictionary(
				name,
				text.filter((value) => isWellFormed(value)),
				{ maxKeys: 6 },
			),
			fc.option(fc.dictionary(name, fc.jsonValue(), { minKeys: 1, maxKeys: 3 }), {
				nil: undefined,
			}),
			(method, parts, query, data) => {
				const path = `/${parts.join('/')}`;
				const ours = canonicalRequest({
					method,
					path,
					query: Object.entries(query),
					headers,
					body: Buffer.from(data === undefined ? '' : JSON.stringify(data)),
				});
				const theirs = sdk.buildCanonicalRequest!(
					method,
					sdk.CanonicalURI!(path),
					sdk.CanonicalQueryString!({ queryParams: query }),
					sdk.buildCanonicalHeaders!(headers),
					Object.keys(headers).join(';'),
					sdk.buildPayloadHash!({ headers: {}, data }),
				);
				expect(ours).toBe(theirs);
			},
		),
		{ numRuns: 500 },
	);
});

test('percent-encodes every byte except unreserved characters', () => {
	fc.assert(
		fc.property(text, (any) => {
			const encoded = uriEncode(any);
			expect(encoded).toMatch(/^(?:[A-Za-z0-9\-_.~]|%[0-9A-F]{2})*$/);
			if (isWellFormed(any)) expect(decodeURIComponent(encoded)).toBe(any);
		}),
	);
});
