import type { INode } from 'n8n-workflow';

import { failureFields, toNodeError } from '../../../../dist/nodes/shared/failures/nodeError';
import { reasonOf } from '../../../../dist/nodes/shared/failures/reasons';
import { reportFailure, whyItFailed } from '../../../../dist/nodes/shared/failures/words';

describe('the words of a failure', () => {
	test('name the status, the code, the message and the detail, as far as they are known', () => {
		const { message, description } = reportFailure(
			{ reason: 'refused', httpCode: 400, code: 7, msg: 'm', detail: 'd' },
			'Lock "a" was not renewed',
		);
		expect(message).toBe(
			'Lock "a" was not renewed: KooDrive refused the request (HTTP 400, code 7, "m", d)',
		);
		expect(description).not.toMatch(/tried|false|undefined/);
	});

	test('say no more than is known', () => {
		const { message } = reportFailure({ reason: 'refused' }, 'It failed');
		expect(message).toBe('It failed: KooDrive refused the request');
	});

	test('are the own ones of a node where it has some', () => {
		const own = { resourceMissing: { what: 'the lock is gone' } };
		const report = reportFailure({ reason: 'resourceMissing' }, 'It failed', own);
		expect(report.message).toBe('It failed: the lock is gone');
		expect(report.description).toBe(reasonOf('resourceMissing').hint);
	});

	test('tell what is wrong with the input, and say so even where nobody knows what', () => {
		expect(whyItFailed({ reason: 'badInput', detail: 'The Lock ID is empty.' })).toBe(
			'The Lock ID is empty.',
		);
		expect(whyItFailed({ reason: 'badInput' })).toBe('its input is wrong');
	});

	test('say of what was lost what a node has to say of that, or else of the reason', () => {
		const failure = {
			reason: 'resourceMissing',
			lost: { at: Date.UTC(2025, 10, 3, 7, 1, 40), because: 'it expired' },
		} as const;
		const resourceMissing = { hint: 'Make a new lock.' };
		const lost = { what: 'its lock', hint: 'Start the backup again.' };
		expect(reportFailure(failure, 'It failed', { resourceMissing })).toMatchObject({
			message:
				'It failed: it was lost while it was kept alive, at 2025-11-03 07:01:40 UTC, because it expired',
			description: 'Make a new lock.',
		});
		expect(reportFailure(failure, 'It failed', { resourceMissing, lost })).toMatchObject({
			message:
				'It failed: its lock was lost while it was kept alive, at 2025-11-03 07:01:40 UTC, because it expired',
			description: 'Start the backup again.',
		});
	});

	test.each<[string, Parameters<typeof reportFailure>[0], boolean]>([
		['a refused connection', { reason: 'connectionRefused' }, true],
		['an unknown host', { reason: 'nameNotFound' }, true],
		['HTTP 401 without a code', { reason: 'tokenRefused', httpCode: 401 }, true],
		['HTTP 403 without a code', { reason: 'notAllowed', httpCode: 403 }, true],
		['HTTP 404 without a code', { reason: 'pathMissing', httpCode: 404 }, true],
		['HTTP 502', { reason: 'gatewayFailed', httpCode: 502 }, true],
		['HTTP 503', { reason: 'unavailable', httpCode: 503 }, false],
		['HTTP 401 with a code', { reason: 'tokenRefused', httpCode: 401, code: 'APIG.0301' }, false],
		['a timeout', { reason: 'timedOut' }, false],
	])('name the proxy as one who may have said %s: %j', (_what, failure, expected) => {
		const { description } = reportFailure(failure, 'It failed');
		expect(description.includes('HTTPS_PROXY')).toBe(expected);
	});

	test('become fields only where there is something to say', () => {
		const report = reportFailure({ reason: 'connectionRefused' }, 'It failed');
		expect(Object.keys(failureFields(report))).toEqual([]);
		const refused = reportFailure({ reason: 'refused', httpCode: 400, code: 7 }, 'It failed');
		expect(Object.entries(failureFields(refused, { lockId: 'a@1' }))).toEqual([
			['lockId', 'a@1'],
			['code', 7],
			['httpCode', 400],
		]);
	});

	test("become an error that holds the status and KooDrive's own words, where there were any", () => {
		const node = { name: 'KooDrive Backup Lock' } as INode;
		const refused = { reason: 'refused', httpCode: 400, code: 7, msg: 'm' } as const;
		const error = toNodeError(node, reportFailure(refused, 'It failed'), 2);
		expect(error).toMatchObject({ httpCode: '400', context: { data: { code: 7, msg: 'm' } } });
		const alone = { reason: 'connectionRefused' } as const;
		const silent = toNodeError(node, reportFailure(alone, 'It failed'), 2);
		expect(silent).toMatchObject({ httpCode: null, context: { itemIndex: 2 } });
		expect(silent.context).not.toHaveProperty('data');
	});
});
