/** An answer of the object store. */
export interface StoreReply {
	status: number;
	headers: Record<string, string>;
	body: string;
}

/** The store's errors are XML. */
export function storeError(
	status: number,
	code: string,
	message: string,
	headers: Record<string, string> = {},
): StoreReply {
	return {
		status,
		headers: { 'Content-Type': 'application/xml', ...headers },
		body:
			'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
			`<Error><Code>${code}</Code><Message>${message}</Message><RequestId>0000018A</RequestId></Error>`,
	};
}

export function accessDenied(message: string): StoreReply {
	return storeError(403, 'AccessDenied', message);
}

export const signatureDoesNotMatch = storeError(
	403,
	'SignatureDoesNotMatch',
	'The request signature we calculated does not match the signature you provided.',
);

export const noSuchKey = storeError(404, 'NoSuchKey', 'The specified key does not exist.');

export const noSuchUpload = storeError(
	404,
	'NoSuchUpload',
	'The specified multipart upload does not exist.',
);

export const invalidPartOrder = storeError(
	400,
	'InvalidPartOrder',
	'The parts must be uploaded in order.',
);

/** For objects of which the simulator kept only the digest. */
export const notKept = storeError(500, 'InternalError', 'Only the digest was kept.');
