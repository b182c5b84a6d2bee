import type { IDataObject } from 'n8n-workflow';

import { example, withDevice } from '../examples';
import type { KooDriveSimulator } from '../simulator';
import { HOUR } from '../time';
import { until } from '../until';
import type { N8nServer } from './server';
import { startWithCredential } from './setup';
import type { StoredCredential, StoredWorkflow } from './workflows';
import {
	activate,
	executionsOf,
	finished,
	importWorkflow,
	sequence,
	TRIGGER_NODE_TYPE,
} from './workflows';

/* The trigger in published workflows. n8n polls when it publishes a workflow, and when it starts. */

let server: N8nServer;
let simulator: KooDriveSimulator;
let credential: StoredCredential;
let devices: string[];

beforeAll(async () => {
	({ simulator, server, credential } = await startWithCredential());
	devices = ['one', 'two'].map(
		(name) => simulator.devices.bind(name, `file-server-${name}`, 'Linux').deviceId,
	);
});

/** Adds a backup, by default one that was completed now; returns its ID. */
function backup(deviceId: string, status = 1, hoursAgo = 0): string {
	const createTime = new Date(simulator.clock.now() - hoursAgo * HOUR).toISOString();
	return simulator.records.create('100', deviceId, { status, createTime }).recordId;
}

/** Publishes a workflow of the trigger and a next node. */
async function publish(event: string, deviceId: string): Promise<StoredWorkflow> {
	const parameters = {
		// As the editor saves it: without the minute, which is 0.
		pollTimes: { item: [{ mode: 'everyHour' }] },
		event,
		deviceId: { __rl: true, mode: 'id', value: deviceId },
		moduleCode: '100',
	};
	const workflow = sequence(`${event} ${deviceId}`, [
		{ name: 'Trigger', type: TRIGGER_NODE_TYPE, parameters },
		{ name: 'Next', type: 'n8n-nodes-base.noOp', parameters: {} },
	]);
	const stored = await importWorkflow(server, workflow, credential);
	await activate(server, stored);
	return stored;
}

/** The items that each execution got, the first execution first. */
async function eventsOf(workflow: StoredWorkflow): Promise<IDataObject[][]> {
	const ids = (await executionsOf(server, workflow)).reverse();
	return await Promise.all(ids.map(async (id) => (await finished(server, id)).json('Next')));
}

/** Stops n8n, and starts it again; waits until it has polled for each published workflow. */
async function restart(workflows: number, whileStopped: () => void): Promise<void> {
	await server.kill();
	whileStopped();
	const before = simulator.requests.length;
	await server.start();
	await until('n8n has polled', () => simulator.requests.length >= before + workflows);
}

const recordIds = (events: IDataObject[][]) =>
	events.map((items) => items.map(({ recordId }) => recordId));

test('starts workflows for two devices once per event, also after n8n was stopped', async () => {
	const [one, two] = devices as [string, string];
	backup(two);
	const open = backup(two, 0);
	const overdue = await publish('backupOverdue', one);
	const completed = await publish('backupCompleted', two);
	await until('the first event', async () => (await eventsOf(overdue)).length === 1);
	expect(await eventsOf(overdue)).toMatchObject([[{ deviceId: one, recordId: null }]]);
	expect(await eventsOf(completed)).toEqual([]);

	let next = '';
	await restart(2, () => {
		simulator.records.records.get(open)!.status = 1;
		next = backup(two);
	});
	await until('the event after the restart', async () => (await eventsOf(completed)).length === 1);
	expect(recordIds(await eventsOf(completed))).toEqual([[open, next]]);
	expect(await eventsOf(overdue)).toHaveLength(1);

	// KooDrive's clock jumps by more than a day.
	await restart(2, () => simulator.clock.advance(25 * HOUR));
	await until('the event of the next day', async () => (await eventsOf(overdue)).length === 2);
	expect(recordIds(await eventsOf(overdue))).toEqual([[null], [null]]);
	expect(await eventsOf(completed)).toHaveLength(1);
	simulator.clock.advance(-25 * HOUR);
});

test('starts the example last-good-backup, which writes a message', async () => {
	const [one] = devices as [string];
	const recordId = backup(one, 1, 30);
	const stored = await importWorkflow(
		server,
		example('last-good-backup'),
		credential,
		withDevice(one),
	);
	await activate(server, stored);
	await until('the execution', async () => (await executionsOf(server, stored)).length === 1);
	const [id] = await executionsOf(server, stored);
	const [message] = (await finished(server, id!)).json('Send Email');
	expect(message!.text).toContain(`30 hours ago (record ${recordId})`);
});
