import { randomBytes } from 'node:crypto';

import { Container } from '@n8n/di';
import { Cipher, EncryptionKeyProxy } from 'n8n-core';

import { asksForEncryptionKeys } from '../compatibility/adapt';

/** Gives n8n-core's cipher the key that the n8n server reads from its database. */
export function provideEncryptionKey(): void {
	if (!asksForEncryptionKeys()) return;
	const key = {
		id: '00000000-0000-4000-8000-000000000000',
		value: Container.get(Cipher).encryptDEKWithInstanceKey(randomBytes(32).toString('hex')),
		algorithm: 'aes-256-gcm',
		format: 'prefixed' as const,
	};
	Container.get(EncryptionKeyProxy).setProvider({
		getActiveKey: async () => key,
		getKeyById: async () => key,
		getLegacyKey: async () => key,
	});
}
