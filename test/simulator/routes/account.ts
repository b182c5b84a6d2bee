import type { Account } from '../authentication';
import { dataReply, notAuthorized, parameterCheckFailed, userNotAllowed } from '../replies';
import type { Route } from './route';
import { route } from './route';

/**
 * "Checking Whether a User Session Is Invalid Based on Token Information" and "Querying Space Information".
 *
 * @param containerId the individual space of the account
 */
export function accountRoutes(account: () => Account, containerId: string): Route[] {
	return [
		route('GET', '/koodrive/ose/v1/session/auth', ({ headers }) => {
			// App authentication has no session.
			if (headers.authorization?.startsWith('HMAC') === true) return notAuthorized;
			return dataReply({ innerUserId: account().userId });
		}),
		route('GET', '/koodrive/ose/v1/space/{id}', ({ query }, userId) => {
			if (userId !== account().userId) return userNotAllowed;
			// Type 1 is the individual space, the only one that the simulated user has.
			return query.get('type') === '1' ? dataReply({ containerId }) : parameterCheckFailed;
		}),
	];
}
