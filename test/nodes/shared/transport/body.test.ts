import type { AnswerBody } from '../../../../dist/nodes/shared/transport/body';
import { readBody } from '../../../../dist/nodes/shared/transport/body';

test.each<[AnswerBody, string]>([
	[undefined, ''],
	['', ''],
	['{"code":0}', '{"code":0}'],
])('a body that n8n has read already is taken as it is: %j', async (body, text) => {
	expect(await readBody(body)).toEqual({ text, isTooLong: false });
});
