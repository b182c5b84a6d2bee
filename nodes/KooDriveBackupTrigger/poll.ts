import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeExecutionData,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeOperationError, UserError } from 'n8n-workflow';

import { fetchDevices } from '../shared/api/devices';
import type { SendPage } from '../shared/api/pages';
import type { ReasonMessages } from '../shared/errors/describeFailure';
import { describeFailure } from '../shared/errors/describeFailure';
import { toNodeError } from '../shared/errors/nodeError';
import { onFailure, RequestFailedError } from '../shared/errors/failure';
import { getReason } from '../shared/errors/reasons';
import { formatUtc, quoteId } from '../shared/errors/text';
import type { Values } from '../shared/execution/fields';
import { createItemParameters, readFields } from '../shared/execution/fields';
import { KooDriveClient } from '../shared/http/client';
import type { Clock } from '../shared/http/clock';
import { parseHttpDate } from '../shared/http/httpDate';
import { CREDENTIAL_TYPE, sendFromNode } from '../shared/http/n8nHttp';
import { DEADLINE } from '../shared/http/retry';
import type { BackupList, BackupRecord } from '../shared/records/listBackups';
import { findLatest, listBackups } from '../shared/records/listBackups';
import { withSummary } from '../shared/records/summary';
import { checkOverdue, findCompleted, readState } from './events';
import { fields } from './fields';

const HOUR = 60 * 60 * 1000;

/** All requests of a poll end within this many milliseconds, because n8n gives it five minutes. */
const TOTAL_TIME = 240_000;

/** How far KooDrive's servers may be apart, in milliseconds (assumed). */
const MAX_AHEAD = 5 * 60 * 1000;

const HEADLINE = "The backups weren't checked";

const REMEDY =
	"Check that record, and delete it with the resource 'Record' of the KooDrive Backup node if it isn't needed.";

/** What some reasons mean for a trigger, which has no options. */
const MESSAGES: ReasonMessages = {
	responseTimeout: { description: 'If it happens again, contact your KooDrive administrator.' },
	rateLimited: { description: 'Poll less often, or send fewer requests to KooDrive.' },
	parameterRejected: {
		description: "Check 'Device' and 'Backup Type', and 'User ID' in the KooDrive API credential.",
	},
};

type TriggerValues = Values<typeof fields>;

/** The backups of the device, and KooDrive's time when they were listed: milliseconds since the Unix epoch. */
interface Listed {
	list: BackupList;
	latest: BackupRecord | undefined;
	now: number;
}

/**
 * Looks for events. An outage is an error, never an event.
 *
 * @returns `null` where there is none
 * @throws NodeOperationError when a parameter isn't valid, or it isn't known which backup is the latest
 * @throws NodeApiError when the backups can't be listed
 */
export async function pollBackups(
	context: IPollFunctions,
	clock: Clock,
): Promise<INodeExecutionData[][] | null> {
	const node = context.getNode();
	try {
		const values = readFields(
			fields,
			createItemParameters(node.parameters, (path) => context.getNodeParameter(path, null)),
		);
		const listed = await listWithTime(context, clock, values);
		const items =
			context.getMode() === 'manual'
				? [toTestEvent(values, listed)]
				: findEvents(context, values, listed);
		return items.length > 0 ? [items.map((json) => ({ json }))] : null;
	} catch (error) {
		throw toError(node, error);
	}
}

function toError(node: INode, error: unknown): unknown {
	if (error instanceof UserError) return new NodeOperationError(node, error.message);
	if (!(error instanceof RequestFailedError)) return error;
	return toNodeError(node, describeFailure(error.failure, HEADLINE, MESSAGES), 0);
}

async function listWithTime(
	context: IPollFunctions,
	clock: Clock,
	{ deviceId, moduleCode }: TriggerValues,
): Promise<Listed> {
	const credential = await context.getCredentials<ICredentialDataDecryptedObject>(CREDENTIAL_TYPE);
	const client = new KooDriveClient(credential, clock, sendFromNode(context, credential));
	const endsAt = clock.monotonic() + TOTAL_TIME;
	let now = 0;
	const send: SendPage = async (request) => {
		const deadline = Math.max(1, Math.min(DEADLINE, endsAt - clock.monotonic()));
		const response = await client.request(request, { deadline });
		now = parseHttpDate(response.date) ?? client.serverClock.now();
		return response;
	};
	const readClocks = () => [client.serverClock.now()];
	const list = await listBackups({ moduleCode, deviceId, send, readClocks });
	const latest = findLatest(list, REMEDY);
	if (latest === undefined) await requireDevice(deviceId, send);
	if (latest === undefined || latest.createdAt <= now + MAX_AHEAD) return { list, latest, now };
	throw new UserError(
		`The age of the latest backup isn't known, because the creation time of record ${quoteId(latest.recordId)} is in the future (${formatUtc(latest.createdAt)}). ${REMEDY}`,
	);
}

/**
 * A device that KooDrive doesn't know has no backups either, and would never get one. A KooDrive that rejects the list
 * of devices leaves that open (assumed: there are editions without it).
 */
async function requireDevice(deviceId: string, send: SendPage): Promise<void> {
	const devices = await fetchDevices(send).catch(
		onFailure((error) => {
			if (!getReason(error.failure.reason).retryable) return undefined;
			throw error.with({ failedStep: "the list of devices couldn't be read" });
		}),
	);
	const isUnknown = devices?.every((device) => device.deviceId !== deviceId) === true;
	if (!isUnknown) return;
	throw new UserError(
		`KooDrive knows no device with the ID ${quoteId(deviceId)}. Select a 'Device' from the list.`,
	);
}

/** Compares with what was found before, and remembers it. */
function findEvents(
	context: IPollFunctions,
	values: TriggerValues,
	{ list, latest, now }: Listed,
): IDataObject[] {
	const { event, deviceId, moduleCode, hours = 0 } = values;
	const stored = context.getWorkflowStaticData('node');
	// Another poll may have changed it while this one waited for KooDrive.
	const key = JSON.stringify([event, deviceId, moduleCode]);
	const before = stored.key === key ? readState(stored) : {};
	if (event === 'backupOverdue') {
		const { isEvent, overdue } = checkOverdue(before.overdue, latest, hours * HOUR, now);
		Object.assign(stored, { key, overdue, completed: undefined });
		return isEvent ? [toItem(values, latest, now)] : [];
	}
	const known = isFirstPollSincePublished(context) ? undefined : before.completed;
	const { events, completed } = findCompleted(known, list);
	Object.assign(stored, { key, overdue: undefined, completed });
	return events.map((record) => toItem(values, record, now));
}

const polled = new WeakSet<IPollFunctions>();

/** n8n polls with one context from the moment that the user publishes a workflow; after a restart, its mode is `init`. */
function isFirstPollSincePublished(context: IPollFunctions): boolean {
	const isFirst = !polled.has(context);
	polled.add(context);
	return isFirst && ['activate', 'create'].includes(context.getActivationMode());
}

/** What 'Fetch Test Event' in the editor shows. */
function toTestEvent(values: TriggerValues, { latest, now }: Listed): IDataObject {
	if (latest !== undefined || values.event === 'backupOverdue') return toItem(values, latest, now);
	throw new UserError(
		`Device ${quoteId(values.deviceId)} has no completed backup of this type yet, so there is no event to show.`,
	);
}

function toItem(
	{ event, deviceId, moduleCode }: TriggerValues,
	latest: BackupRecord | undefined,
	now: number,
): IDataObject {
	if (latest === undefined) {
		return { event, deviceId, moduleCode, recordId: null, createTime: null, ageHours: null };
	}
	const { record, createdAt } = latest;
	const ageHours = Math.round(((now - createdAt) / HOUR) * 10) / 10;
	return { ...withSummary(record), event, deviceId, ageHours };
}
