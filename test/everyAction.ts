import { inspect } from 'node:util';

import type { ICredentialDataDecryptedObject, IDataObject, INodeProperties } from 'n8n-workflow';

import { testCredential } from '#dist/nodes/shared/credentialTest';
import { BACKUP_NODE_TYPE, NODE_TYPE, TRIGGER_NODE_TYPE } from './engine';
import { testContext } from './engine/credentialTest';
import { bytes, filesWorkflow } from './engine/files';
import type { KooDrive } from './setup';
import { byId, continueOnFail } from './setup';

/** Something that a user can do with KooDrive. */
export interface Action {
	name: string;
	/** @returns all that n8n stores and shows of it, as text */
	run: (credential: ICredentialDataDecryptedObject, index: number) => Promise<string>;
}

/** Every operation, event, list, and the test of the credential, as the descriptions of the nodes name them. */
export function everyAction(drive: KooDrive): Action[] {
	const { engine } = drive;
	const { listSearch } = engine.nodeType(BACKUP_NODE_TYPE).methods!;
	return [
		...[NODE_TYPE, BACKUP_NODE_TYPE].flatMap((type) => operationsOf(drive, type)),
		...valuesOf(engine.nodeType(TRIGGER_NODE_TYPE).description.properties, 'event').map(
			(event) => ({
				name: `event ${event}`,
				run: async (credential: ICredentialDataDecryptedObject) => {
					const given = { ...prepare(drive), event, hours: 26 };
					const polling = await engine.startPolling(given as never, credential, {}, 'activate');
					return show(await polling.poll().catch((error: unknown) => error));
				},
			}),
		),
		...Object.entries(listSearch!).map(([name, list]) => ({
			name,
			run: async (credential: ICredentialDataDecryptedObject) => {
				prepare(drive);
				const context = await engine.startListSearch(BACKUP_NODE_TYPE, {}, credential);
				return show(await list.call(context).catch((error: unknown) => error));
			},
		})),
		{
			name: 'credential test',
			run: async (data) => {
				const credential = { id: '', name: '', type: 'kooDriveApi', data };
				return show(await testCredential(testContext(), credential, drive.clock));
			},
		},
	];
}

function operationsOf(drive: KooDrive, type: string): Action[] {
	const fields = drive.engine
		.nodeType(type)
		.description.properties.filter(({ name }) => name === 'operation');
	return fields.flatMap((field) =>
		(field.displayOptions?.show?.resource ?? [undefined]).flatMap((resource) =>
			valuesOf([field], 'operation').map((operation) => ({
				name: [resource, operation].filter(Boolean).join(' '),
				run: async (credential: ICredentialDataDecryptedObject, index: number) =>
					await runOperation(
						drive,
						type,
						{ resource, operation } as IDataObject,
						credential,
						index,
					),
			})),
		),
	);
}

async function runOperation(
	drive: KooDrive,
	type: string,
	parameters: IDataObject,
	credential: ICredentialDataDecryptedObject,
	index: number,
): Promise<string> {
	const given = { ...prepare(drive, parameters.operation), ...parameters };
	const files = [{ content: bytes(1000, index), name: 'a.txt' }];
	const settings = index % 3 === 0 ? {} : continueOnFail;
	const workflow = filesWorkflow(drive.engine, [{ files }], given, { type, ...settings });
	return show((await drive.engine.run(workflow, credential)).run);
}

/** Parameters for any action; n8n ignores those that it doesn't have. */
function prepare({ simulator }: KooDrive, operation?: unknown): IDataObject {
	const { devices, records, files, locks } = simulator;
	const { deviceId } = devices.bind('n8n', 'server-1', 'Linux');
	const [, complete] = ['2025-10-01T00:00:00Z', '2025-10-02T00:00:00Z'].map(
		(createTime) => records.create('100', deviceId, { status: 1, createTime }).recordId,
	);
	const { fileId } = files.add(complete!, { fileName: 'a.txt', content: bytes(1000) });
	const open = records.create('100', deviceId).recordId;
	return {
		deviceId: byId(deviceId),
		recordId: byId(['complete', 'upload'].includes(String(operation)) ? open : complete!),
		fileId,
		lockId: locks.create('100'),
		deviceName: 'server-1',
		moduleCode: '100',
		source: 'latest',
		retention: { keepLast: 1 },
		options: { includeLockDetails: true, releaseAtEnd: true },
	};
}

function valuesOf(properties: INodeProperties[], name: string): unknown[] {
	return properties
		.filter((property) => property.name === name)
		.flatMap(({ options = [] }) => options)
		.map((option) => ('value' in option ? option.value : undefined));
}

function show(value: unknown): string {
	return JSON.stringify(value) + inspect(value, { depth: 30, showHidden: true });
}
