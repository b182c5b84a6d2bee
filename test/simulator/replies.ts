/** What the simulated service answers a request with. */
export interface Reply {
	status: number;
	body: unknown;
}

export const MODULE_CODES = ['100', '101', '102'];

export const success = { code: 0, msg: 'success' };

export const done: Reply = { status: 200, body: success };

export const parameterCheckFailed: Reply = {
	status: 400,
	body: { code: 13000102, msg: 'parameter check failed' },
};

// No code is published for a lock that does not exist; this is the general one for a missing resource.
export const resourceMissing: Reply = {
	status: 400,
	body: { code: 13000309, msg: 'resource does not exist' },
};

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
