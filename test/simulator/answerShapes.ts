import type { Reply } from './replies';

/** The calls on whose answers the pages disagree. */
export type FileCall = 'createFile' | 'uploadUrl' | 'completeFile' | 'download';

/** How an answer is laid out. */
export interface AnswerShape {
	/** Whether its fields stand beside `code` or under `data`. */
	fields: 'flat' | 'data';
	/** Whether `code` is a number or a text, such as `"0"`. */
	code: 'number' | 'text';
}

export type AnswerShapes = Record<FileCall, AnswerShape>;

/** As the examples on the pages are. */
export function documentedShapes(): AnswerShapes {
	const flat = (): AnswerShape => ({ fields: 'flat', code: 'number' });
	return { createFile: flat(), uploadUrl: flat(), completeFile: flat(), download: flat() };
}

/** @param reply a flat one with a number for its code */
export function inShape({ status, body }: Reply, shape: AnswerShape): Reply {
	const { code, msg, ...fields } = body as Record<string, unknown>;
	const laidOut =
		shape.fields === 'data' && Object.keys(fields).length > 0 ? { data: fields } : fields;
	return { status, body: { ...laidOut, code: shape.code === 'text' ? String(code) : code, msg } };
}
