import type { Locks } from '../locks';
import type { Reply } from '../replies';
import {
	dataReply,
	done,
	MODULE_CODES,
	objectIn,
	parameterCheckFailed,
	resourceMissing,
} from '../replies';
import type { ApiRequest, Handler, Route } from './route';
import { route } from './route';

const LOCK = '/koodrive/ose/v1/backup/lock';

/** "Creating a Backup Lock", "Backup Lock Renewal", "Releasing a Backup Lock". */
export function lockRoutes(locks: Locks): Route[] {
	return [
		route('POST', LOCK, ({ body }) => createLock(locks, body)),
		route(
			'PATCH',
			LOCK,
			changeLock((lockId) => locks.renew(lockId)),
		),
		route(
			'DELETE',
			LOCK,
			changeLock((lockId) => locks.release(lockId)),
		),
	];
}

/** Lets a request through only with the header of a lock that hasn't expired. */
export function withLock(locks: Locks, handle: Handler): Handler {
	return (request, id) => {
		const lockId = lockIdIn(request);
		if (lockId === '') return parameterCheckFailed;
		return locks.isAlive(lockId) ? handle(request, id) : resourceMissing;
	};
}

function lockIdIn({ headers }: ApiRequest): string {
	return String(headers['x-backup-lock-id'] ?? '');
}

function changeLock(change: (lockId: string) => boolean): Handler {
	return (request) => {
		const lockId = lockIdIn(request);
		if (lockId === '' || request.body.length > 0) return parameterCheckFailed;
		return change(lockId) ? done : resourceMissing;
	};
}

function createLock(locks: Locks, body: Buffer): Reply {
	const { moduleCode } = objectIn(body) ?? {};
	if (typeof moduleCode !== 'string' || !MODULE_CODES.includes(moduleCode)) {
		return parameterCheckFailed;
	}
	return dataReply({ lockId: locks.create(moduleCode) });
}
