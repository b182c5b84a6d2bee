import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import * as devices from '#dist/nodes/shared/api/devices';
import * as files from '#dist/nodes/shared/api/files';
import * as locks from '#dist/nodes/shared/api/locks';
import * as pages from '#dist/nodes/shared/api/pages';
import * as records from '#dist/nodes/shared/api/records';
import { createRedactor } from '#dist/nodes/shared/errors/redact';
import { RequestFailedError } from '#dist/nodes/shared/errors/failure';
import { isJsonObject, parseJson, tryParseJson } from '#dist/nodes/shared/http/json';
import { readResponse } from '#dist/nodes/shared/http/response';
import { anyJson, anyName } from '../anyJson';

type Reader = (body: IDataObject) => unknown;

/** Functions of an ID, not of a response. */
const NO_READERS = ['toRecordPath', 'toLockHeader'];

const readers = [devices, files, locks, records].flatMap((module) =>
	Object.entries(module).filter(
		([name]) => /^(?:read|to)[A-Z]/.test(name) && !NO_READERS.includes(name),
	),
) as Array<[string, Reader]>;

/** An object with a member of each kind that a response has. */
const anyObject = fc
	.tuple(anyName, anyJson, anyJson)
	.map(([name, value, data]) => `{"code":0,"${name}":${value},"data":${data}}`)
	.filter((text) => tryParseJson(text) !== undefined);

const isId = (id: unknown) => typeof id === 'string' && id.trim() !== '';
const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0;

/** What a success of a reader consists of; `undefined` and an empty list are none. */
const SUCCESSES: Record<string, (value: never) => boolean> = {
	readCreatedLock: ({ lockId }: IDataObject) => isId(lockId),
	readRecord: ({ recordId }: IDataObject) => isId(recordId),
	readDevice: ({ deviceId }: IDataObject) => isId(deviceId),
	readContainerId: isId,
	readCreatedFile: ({ fileId, isStored, existed, links }: files.CreatedFile) =>
		isId(fileId) &&
		typeof isStored === 'boolean' &&
		typeof existed === 'boolean' &&
		SUCCESSES.readUploadLinks!(links as never),
	readUploadLinks: (links: Map<number, string>) =>
		[...links].every(([part, link]) => isCount(part) && typeof link === 'string' && link !== ''),
	readDownloadLinks: (links: Array<{ fileId: string; url?: string }>) =>
		links.every(({ fileId, url }) => isId(fileId) && url !== ''),
	toStoredFile: ({ fileId, size, sha256 }: files.StoredFile) =>
		typeof fileId === 'string' &&
		(size === undefined || isCount(size)) &&
		(sha256 === undefined || sha256 !== ''),
	readStatus: (status: number) => Number.isNaN(status) || isCount(status),
};

const parse = (text: string) => parseJson(text) as IDataObject;

test('covers the readers of every response', () => {
	const names = readers.map(([name]) => name);
	expect(names).toEqual(expect.arrayContaining(Object.keys(SUCCESSES)));
	expect(names.length).toBeGreaterThan(8);
});

test.each(readers)('%s takes any JSON object and claims no false success', (name, read) => {
	fc.assert(
		fc.property(anyObject, (text) => {
			const value = read(parse(text));
			expect(value === undefined || (SUCCESSES[name]?.(value as never) ?? true)).toBe(true);
			expect(JSON.stringify(value)?.length).not.toBe(0);
		}),
		{ numRuns: 300 },
	);
	expect(Object.keys(Object.prototype)).toEqual([]);
});

test('reads IDs to their last digit, whether they come as numbers or as text', () => {
	for (const id of ['1842862763295184641', '"1842862763295184641"', '7']) {
		const text = id.replaceAll('"', '');
		const body = parse(
			`{"data":{"recordId":${id},"deviceId":${id},"lockId":${id},"fileId":${id},"containerId":${id}}}`,
		);
		expect(records.readRecord(body)).toMatchObject({ recordId: text });
		expect(devices.readDevice(body)).toMatchObject({ deviceId: text });
		expect(locks.readCreatedLock(body)).toMatchObject({ lockId: text });
		expect(files.readCreatedFile(body)).toMatchObject({ fileId: text });
		expect(files.readContainerId(body)).toBe(text);
	}
	for (const lost of ['1.8e18', '1e400', '0.5', 'true', '{}', '[7]']) {
		const body = parse(`{"data":{"recordId":${lost},"lockId":${lost},"fileId":${lost}}}`);
		expect(records.readRecord(body)).toBeUndefined();
		expect(locks.readCreatedLock(body)).toBeUndefined();
		expect(files.readCreatedFile(body)).toBeUndefined();
	}
});

test('reads a list, or fails with its error', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(anyObject, { minLength: 1, maxLength: 5 }), async (texts) => {
			const rest = [...texts];
			const send = async () => {
				const body = parse(rest.shift() ?? '{"data":[]}');
				return await Promise.resolve({
					body,
					attempts: { count: 1, outcomeUnknown: false, startedAt: 0 },
				});
			};
			const request = { method: 'GET', path: '/', idempotent: true } as const;
			const list = await pages.readPages(request, 1000, send).catch((error: unknown) => error);
			if (!(list instanceof RequestFailedError))
				expect((list as unknown[]).every(isJsonObject)).toBe(true);
		}),
		{ numRuns: 300 },
	);
});

test('takes for a success only an object with the code 0 under 2xx', () => {
	const reader = { authentication: 'app', redact: createRedactor(['a-secret-token']) } as const;
	const anyText = fc.oneof(anyJson, anyObject, fc.string());
	fc.assert(
		fc.property(
			anyText,
			fc.constantFrom(200, 204, 400, 401, 404, 500),
			fc.boolean(),
			(text, statusCode, codeMayBeText) => {
				const response = { statusCode, headers: {}, body: undefined };
				const result = readResponse(response, { text, isTooLong: false }, reader, {
					codeMayBeText,
				});
				if (result.ok) {
					expect(statusCode).toBeLessThan(300);
					expect(isJsonObject(result.body)).toBe(true);
					expect(codeMayBeText ? [0, '0'] : [0]).toContain(result.body.code);
				} else {
					const { code, msg } = result.failure;
					expect(code === undefined || typeof code === 'string' || Number.isSafeInteger(code)).toBe(
						true,
					);
					expect(msg === undefined || typeof msg === 'string').toBe(true);
				}
			},
		),
		{ numRuns: 1000, examples: [['{"code":1E+30}', 200, false]] },
	);
});

test.each([
	['arrays', '['.repeat(100_000) + ']'.repeat(100_000)],
	['objects', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
])('rejects %s that are nested too deep', (_what, text) => {
	expect(() => parseJson(text)).toThrow(SyntaxError);
});
