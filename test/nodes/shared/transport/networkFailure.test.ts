import { networkFailure } from '../../../../dist/nodes/shared/transport/networkFailure';
import { redactor } from '../../../../dist/nodes/shared/failures/redact';

const redact = redactor(['a-secret-token']);

function reasonOf(error: unknown): unknown {
	const result = networkFailure(error, redact);
	return result.ok ? undefined : result.failure;
}

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
	['CERT_HAS_EXPIRED', 'certificateNotTrusted'],
	['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificateNotTrusted'],
	['SELF_SIGNED_CERT_IN_CHAIN', 'certificateNotTrusted'],
	['ERR_TLS_CERT_ALTNAME_INVALID', 'certificateNotTrusted'],
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

test('an error that causes itself does no harm', () => {
	const error = new Error('round');
	error.cause = error;
	expect(reasonOf(error)).toEqual({ reason: 'notSent', detail: 'round' });
});
