/** What the simulated service answers a request with. */
export interface Reply {
	status: number;
	body: unknown;
}

export const MODULE_CODES = ['100', '101', '102'];

export const success = { code: 0, msg: 'success' };

export const done: Reply = { status: 200, body: success };

/** Business errors come with HTTP 400 ("Status Codes", "Error Codes"). */
export function businessError(code: number, msg: string, status = 400): Reply {
	return { status, body: { code, msg } };
}

export const parameterCheckFailed = businessError(13000102, 'parameter check failed');

// No code is published for a lock that does not exist; this is the general one for a missing resource.
export const resourceMissing = businessError(13000309, 'resource does not exist');

export const userNotAllowed = businessError(
	13000410,
	'the user may not operate on this space',
	403,
);

export const noSuchApi: Reply = {
	status: 404,
	body: { error_code: 'APIG.0101', error_msg: 'No such API' },
};

export const notAuthorized: Reply = {
	status: 401,
	body: {
		error_code: 'APIG.0301',
		error_msg: 'Incorrect authentication information',
		request_id: '5d3d1c2e',
	},
};

/** Most calls answer under `data`. */
export function dataReply(data: unknown, more: object = {}): Reply {
	return { status: 200, body: { data, ...more, ...success } };
}

/** Some file calls answer beside `code` and `msg`. */
export function flatReply(fields: object): Reply {
	return { status: 200, body: { ...fields, ...success } };
}

/** Reads a body that is to be a JSON object. */
export function objectIn(body: Buffer): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(body.toString());
		const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
		return isObject ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}
