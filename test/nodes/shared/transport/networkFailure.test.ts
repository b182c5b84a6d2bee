import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { networkFailure } from '../../../../dist/nodes/shared/transport/networkFailure';
import { redactor } from '../../../../dist/nodes/shared/failures/redact';
import { errorOf, useKooDrive } from '../../setup';

const drive = useKooDrive();
const redact = redactor(['a-secret-token']);

function reasonOf(error: unknown): unknown {
	const result = networkFailure(error, redact);
	return result.ok ? undefined : result.failure;
}

test('does not send the token to a server whose certificate nobody vouches for', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
	const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
	const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
	const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...subject];
	execFileSync('openssl', [...make, '-keyout', key, '-out', cert], { stdio: 'ignore' });
	let requests = 0;
	const server = createServer(
		{ key: readFileSync(key), cert: readFileSync(cert) },
		() => requests++,
	);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	drive.credential.endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

	const error = errorOf(await drive.run([{ lockId: 'a@100' }]));
	server.close();
	rmSync(folder, { recursive: true });
	expect(error.message).toContain(
		"does not trust the Endpoint's certificate (DEPTH_ZERO_SELF_SIGNED_CERT)",
	);
	expect(error.description).toContain('NODE_EXTRA_CA_CERTS');
	expect(requests).toBe(0);
});

test.each([
	['ECONNREFUSED', 'connectionRefused'],
	['ECONNRESET', 'connectionReset'],
	['EPIPE', 'connectionReset'],
	['ECONNABORTED', 'timedOut'],
	['ETIMEDOUT', 'timedOut'],
	['EAI_AGAIN', 'nameLookupFailed'],
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
