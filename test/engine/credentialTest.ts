import './environment';

import { CredentialTestContext } from 'n8n-core';
import type { ICredentialTestFunctions } from 'n8n-workflow';

/** The context that n8n passes to the test of a credential. */
export function testContext(): ICredentialTestFunctions {
	return new CredentialTestContext({} as never) as unknown as ICredentialTestFunctions;
}
