import { Readable } from 'node:stream';

import type { AnswerBody } from '../../../../dist/nodes/shared/transport/body';
import { LONGEST_BODY, readBody } from '../../../../dist/nodes/shared/transport/body';

test.each([
	[LONGEST_BODY, false],
	[LONGEST_BODY + 1, true],
])('of %d bytes, it is said whether they are too many: %j', async (length, isTooLong) => {
	const body = await readBody(Readable.from([Buffer.alloc(length - 1), Buffer.alloc(1)]));
	expect(body.isTooLong).toBe(isTooLong);
	expect(body.text).toHaveLength(isTooLong ? 0 : length);
});

test.each<[AnswerBody, string]>([
	[undefined, ''],
	['', ''],
	['{"code":0}', '{"code":0}'],
])('a body that n8n has read already is taken as it is: %j', async (body, text) => {
	expect(await readBody(body)).toEqual({ text, isTooLong: false });
});
