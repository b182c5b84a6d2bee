import { codeOf, networkFailure } from '../../../../dist/nodes/shared/transport/networkFailure';
import { redactor } from '../../../../dist/nodes/shared/failures/redact';

const redact = redactor(['a-secret-token']);

function reasonOf(error: unknown): unknown {
	const result = networkFailure(error, redact);
	return result.ok ? undefined : result.failure;
}

/** All that OpenSSL finds wrong with a certificate, by Node's names. */
const CERTIFICATE_ERRORS = [
	'CERT_CHAIN_TOO_LONG',
	'CERT_HAS_EXPIRED',
	'CERT_NOT_YET_VALID',
	'CERT_REJECTED',
	'CERT_REVOKED',
	'CERT_SIGNATURE_FAILURE',
	'CERT_UNTRUSTED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'ERR_TLS_CERT_ALTNAME_INVALID',
	'HOSTNAME_MISMATCH',
	'INVALID_CA',
	'INVALID_PURPOSE',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_GET_ISSUER_CERT',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

test.each([
	['ECONNREFUSED', 'connectionRefused'],
	['ECONNRESET', 'connectionReset'],
	['EPIPE', 'connectionReset'],
	['ECONNABORTED', 'timedOut'],
	['ETIMEDOUT', 'timedOut'],
	['EAI_AGAIN', 'nameLookupFailed'],
	['EAI_FAIL', 'nameLookupFailed'],
	['ENOTFOUND', 'nameNotFound'],
	['EHOSTUNREACH', 'hostUnreachable'],
	['ENETUNREACH', 'hostUnreachable'],
	['ENETDOWN', 'hostUnreachable'],
	['EADDRNOTAVAIL', 'hostUnreachable'],
	['EPROTO', 'encryptionFailed'],
	['ERR_BAD_RESPONSE', 'answerCutShort'],
	...CERTIFICATE_ERRORS.map((code) => [code, 'certificateNotTrusted']),
])('%s, wherever n8n hides it, means %s', (code, reason) => {
	const inner = Object.assign(new Error('x'), { code });
	const nested = new Error('n8n', { cause: new Error('axios', { cause: inner }) });
	const several = new Error('n8n', { cause: new AggregateError([new Error('other'), inner]) });
	for (const error of [inner, nested, several]) {
		expect(reasonOf(error)).toEqual({ reason, detail: code });
	}
});

test('a timeout while connecting surely carried nothing out', () => {
	const error = Object.assign(new Error('x'), { code: 'ETIMEDOUT', syscall: 'connect' });
	expect(reasonOf(error)).toMatchObject({ reason: 'connectTimedOut' });
	expect(reasonOf(new Error('n8n', { cause: error }))).toMatchObject({ reason: 'connectTimedOut' });
});

test('an unknown code of the network is a failed connection, one of TLS failed encryption', () => {
	const axios = (code: string) => Object.assign(new Error('x'), { code, isAxiosError: true });
	expect(reasonOf(axios('EWEIRD'))).toEqual({ reason: 'connectionFailed', detail: 'EWEIRD' });
	expect(reasonOf(axios('ERR_SSL_WRONG_VERSION_NUMBER'))).toMatchObject({
		reason: 'encryptionFailed',
	});
	expect(reasonOf(new Error('n8n', { cause: axios('EWEIRD') }))).toEqual({
		reason: 'connectionFailed',
		detail: 'EWEIRD',
	});
});

test('anything else was never sent, and says why in the words of who stopped it, without secrets', () => {
	const error = new Error('n8n', { cause: new Error('Domain not allowed for a-secret-token') });
	expect(reasonOf(error)).toEqual({ reason: 'notSent', detail: 'Domain not allowed for ***' });
	expect(reasonOf(undefined)).toEqual({ reason: 'notSent', detail: 'no reason was given' });
	const codeless = Object.assign(new Error('No code'), { isAxiosError: true });
	expect(reasonOf(codeless)).toEqual({ reason: 'notSent', detail: 'No code' });
	expect(reasonOf({ code: 'EWEIRD' })).toEqual({
		reason: 'notSent',
		detail: 'no reason was given',
	});
});

test.each([null, 'text', {}, { message: '' }, { message: 42 }])(
	'the words are those of the innermost error that has any: not of %j',
	(cause) => {
		expect(reasonOf(new Error('Domain not allowed', { cause }))).toEqual({
			reason: 'notSent',
			detail: 'Domain not allowed',
		});
	},
);

test.each([
	[Object.assign(new Error('x'), { code: 'ECONNRESET', request: { socket: null } })],
	[Object.assign(new Error('x'), { code: 'ECONNRESET', request: null })],
])(
	'a connection that broke when nothing is known of its socket may have carried all of it',
	(e) => {
		expect(reasonOf(e)).toEqual({ reason: 'connectionReset', detail: 'ECONNRESET' });
	},
);

test('a connection that broke before it was encrypted carried nothing, says Node in words alone', () => {
	const words = 'Client network socket disconnected before secure TLS connection was established';
	const node = Object.assign(new Error(words), { code: 'ECONNRESET' });
	for (const error of [node, new Error('n8n', { cause: node })]) {
		expect(reasonOf(error)).toEqual({ reason: 'handshakeBroken', detail: 'ECONNRESET' });
	}
});

test('a code is the first that is text, wherever it stands', () => {
	const inner = Object.assign(new Error('x'), { code: 'ECONNRESET' });
	const outer = Object.assign(new Error('n8n', { cause: inner }), { code: 42 });
	expect(codeOf(outer)).toBe('ECONNRESET');
	expect(reasonOf(outer)).toEqual({ reason: 'connectionReset', detail: 'ECONNRESET' });
	expect(codeOf(new Error('n8n'))).toBeUndefined();
	expect(codeOf(undefined)).toBeUndefined();
});

test('an error that causes itself does no harm', () => {
	const error = new Error('round');
	error.cause = error;
	expect(reasonOf(error)).toEqual({ reason: 'notSent', detail: 'round' });
});
