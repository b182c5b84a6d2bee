import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';

import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { resources as backupResources } from '#dist/nodes/KooDriveBackup/resources/index';
import { resources as lockResources } from '#dist/nodes/KooDriveBackupLock/operations/index';
import type { Resource } from '#dist/nodes/shared/execution/operation';
import { testKeepAlive } from '../compatibility/versions';
import { bytes, filesWorkflow, useBinaryMode } from '../engine/files';
import { useKooDrive, withLocators } from '../setup';

/*
 * The output schemas, from which n8n's editor offers an operation's fields before its first execution. They are made of
 * real outputs: after a change, `UPDATE_SCHEMAS=1 npx jest test/nodes/outputSchemas` writes them again.
 */

const drive = useKooDrive();
const root = resolve(__dirname, '../..');
const isUpdate = process.env.UPDATE_SCHEMAS !== undefined;

interface Schema {
	type: string;
	properties?: Record<string, Schema>;
	items?: object;
}

function toSchema(value: unknown): Schema {
	if (value === null) return { type: 'null' };
	if (Array.isArray(value)) return { type: 'array', items: {} };
	if (typeof value === 'object') {
		const properties = Object.entries(value as object)
			.sort(([one], [other]) => (one < other ? -1 : 1))
			.map(([name, member]) => [name, toSchema(member)] as const);
		return { type: 'object', properties: Object.fromEntries(properties) };
	}
	return { type: typeof value };
}

function toFile(node: string, { operation, resource }: IDataObject): string {
	return `nodes/${node}/__schema__/v1.0.0/${String(resource)}/${String(operation)}.json`;
}

const file = { content: bytes(9), name: 'report.pdf' };

let ids: { deviceId: string; recordId: string; fileId: string; lockId: string; openId: string };
beforeEach(async () => {
	await useBinaryMode('memory');
	const lockId = drive.simulator.locks.create('100');
	const { deviceId } = drive.simulator.devices.bind('n8n', 'file-server-1', 'Linux');
	const createRecord = (status: number) => {
		const record = drive.simulator.records.create('100', deviceId, {
			status,
			createTime: '2026-11-24T02:00:00.000Z',
			...(status === 1 && { endTime: '2026-11-24T02:01:00.000Z' }),
		});
		const { recordId } = record;
		const workflow = { id: 'a1', name: 'Nightly' };
		const summary = { recordId, files: 1, bytes: 9, workflow, execution: '7' };
		record.properties = JSON.stringify({ n8n: summary });
		return recordId;
	};
	const openId = createRecord(0);
	const uploaded = await run({ resource: 'file', operation: 'upload', recordId: openId, lockId });
	const recordId = createRecord(1);
	const summary = {
		recordId,
		files: 1,
		bytes: 9,
		workflow: { id: 'a', name: 'b' },
		execution: '1',
	};
	drive.simulator.records.records.get(recordId)!.properties = JSON.stringify({ n8n: summary });
	const files = drive.simulator.records.files.get(openId) ?? [];
	drive.simulator.records.files.set(recordId, files);
	ids = { deviceId, recordId, fileId: String(uploaded.fileId), lockId, openId };
	// A second backup, so that one can be deleted.
	createRecord(1);
});

/** Runs an operation on a file; returns the JSON data of the first item. */
async function run(parameters: IDataObject, type?: string): Promise<IDataObject> {
	const workflow = filesWorkflow(
		drive.engine,
		[{ files: [file] }],
		withLocators(parameters),
		type === undefined ? {} : { type },
	);
	const executed = await drive.engine.run(workflow, drive.credential);
	expect(executed.run.data.resultData.error).toBeUndefined();
	return executed.json('KooDrive')[0]!;
}

const backupOperations: Array<[string, () => IDataObject]> = [
	['backup backUp', () => ({ moduleCode: '100', deviceId: ids.deviceId })],
	['backup verify', () => ({ source: 'record', recordId: ids.recordId })],
	['backup restore', () => ({ source: 'record', recordId: ids.recordId })],
	[
		'backup deleteOld',
		() => ({ moduleCode: '100', deviceId: ids.deviceId, retention: { keepLast: 1 } }),
	],
	['record complete', () => ({ recordId: ids.openId, lockId: ids.lockId })],
	[
		'record create',
		() => ({
			moduleCode: '100',
			deviceId: ids.deviceId,
			lockId: ids.lockId,
			additionalFields: { properties: '{}' },
		}),
	],
	['record delete', () => ({ recordId: ids.recordId, lockId: ids.lockId })],
	['record get', () => ({ recordId: ids.recordId })],
	['record getAll', () => ({ moduleCode: '100' })],
	['file download', () => ({ recordId: ids.recordId, fileId: ids.fileId })],
	['file getAll', () => ({ recordId: ids.recordId })],
	['file upload', () => ({ recordId: ids.openId, lockId: ids.lockId })],
	['device bind', () => ({ deviceName: 'n8n' })],
	['device getAll', () => ({})],
	['device unbind', () => ({ deviceId: ids.deviceId })],
];

const lockOperations: Array<[string, () => IDataObject]> = [
	['create', () => ({ moduleCode: '100' })],
	['renew', () => ({ lockId: ids.lockId })],
	['keepAlive', () => ({ lockId: ids.lockId })],
	['release', () => ({ lockId: ids.lockId })],
];

const cases = [
	...backupOperations.map(([name, parameters]) => {
		const [resource, operation] = name.split(' ') as [string, string];
		const selection = { resource, operation };
		return ['KooDriveBackup', selection, parameters] as const;
	}),
	...lockOperations.map(
		([operation, parameters]) =>
			['KooDriveBackupLock', { resource: 'lock', operation }, parameters] as const,
	),
];

/** Compares the schema of a real output with the file, or writes it. */
function expectSchema(path: string, output: IDataObject): void {
	const schema = { ...toSchema(output), version: 1 };
	if (isUpdate) {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, `${JSON.stringify(schema, null, '\t')}\n`);
	}
	expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(schema);
}

for (const [node, selection, parameters] of cases) {
	const testOf = selection.operation === 'keepAlive' ? testKeepAlive : test;

	testOf(`describes the output of ${node} ${JSON.stringify(selection)}`, async () => {
		const type = `n8n-nodes-koodrive.${node.slice(0, 1).toLowerCase()}${node.slice(1)}`;
		const output = await run({ ...selection, ...parameters() }, type);
		expectSchema(resolve(root, toFile(node, selection)), output);
	});
}

const TRIGGER_SCHEMA = resolve(root, 'nodes/KooDriveBackupTrigger/__schema__/v1.0.0.json');

test.each(['backupOverdue', 'backupCompleted'])(
	'describes the output of the trigger: %s',
	async (event) => {
		const parameters = withLocators({ deviceId: ids.deviceId, event }) as INodeParameters;
		const { poll } = await drive.engine.startPolling(
			parameters,
			drive.credential,
			{},
			'manual',
			'manual',
		);
		const [output] = (await poll()) as [IDataObject];
		expectSchema(TRIGGER_SCHEMA, output);
	},
);

test('exist for every operation, where n8n looks for them', () => {
	const expected = (node: string, resources: readonly Resource[]) =>
		resources.flatMap(({ option, operations }) =>
			operations.map((operation) =>
				toFile(node, { resource: option.value, operation: operation.option.value }),
			),
		);
	const files = [
		...expected('KooDriveBackup', backupResources),
		...expected('KooDriveBackupLock', lockResources),
	];
	files.push(relative(root, TRIGGER_SCHEMA));
	const missing = files.filter((path) => !existsSync(resolve(root, 'dist', path)));
	expect(missing).toEqual([]);
});
