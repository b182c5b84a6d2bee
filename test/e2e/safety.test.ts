import { join } from 'node:path';

import type { WorkflowJson } from '../engine';
import type { KooDriveSimulator } from '../simulator';
import { until } from '../until';
import {
	field,
	id,
	openEditor,
	openPanel,
	openWorkflow,
	page,
	picture,
	REPORTS,
	textOf,
} from './editor';
import type { N8nServer } from './server';
import { startWithCredential } from './setup';
import type { NodeJson, StoredCredential } from './workflows';
import { backUp, importWorkflow, manualTrigger, sequence, single } from './workflows';

/* What would give a user a false sense of safety, and what an AI agent could mix up, in the editor. */

let server: N8nServer;
let simulator: KooDriveSimulator;
let credential: StoredCredential;

beforeAll(async () => {
	({ simulator, server, credential } = await startWithCredential());
	await openEditor(server);
});

async function open(workflow: WorkflowJson): Promise<void> {
	await openWorkflow(server, await importWorkflow(server, workflow, credential));
}

const records = () => [...simulator.records.records.values()];
const devices = () => [...simulator.devices.devices.values()];

/** Opens the panel of the second node, executes it, and waits for these words at its output. */
async function execute(words: RegExp): Promise<string> {
	await id('node-execute-button').click();
	return await textOf('output-panel', words);
}

test('deletes nothing without a device', async () => {
	simulator.requests.length = 0;
	await open(single('Delete old backups', { resource: 'backup', operation: 'deleteOld' }));
	await openPanel('Delete old backups');
	await id('node-execute-button').click();
	await id('parameter-issues').waitFor();
	expect(simulator.requests.map(({ method }) => method)).not.toContain('DELETE');
});

test('binds another device for another name, and none by the machine code of another', async () => {
	simulator.devices.devices.clear();
	const options = { machineCode: 'shared' };
	await open(single('Bind device', { resource: 'device', operation: 'bind', options: {} }));
	await openPanel('Bind device');
	for (const name of ['invoices', 'photos', 'invoices']) {
		await field('deviceName').fill(name);
		await execute(new RegExp(name));
	}
	const names = () => devices().map(({ deviceName }) => deviceName);
	expect(names()).toEqual(['invoices', 'photos']);
	simulator.devices.bind('shared', 'file-server-1', 'Linux');
	const bind = { resource: 'device', operation: 'bind', deviceName: 'invoices', options };
	await open(single('Bind device', bind));
	await openPanel('Bind device');
	expect(await execute(/belongs to/)).toContain('file-server-1');
	expect(names()).toHaveLength(3);
});

test('backs up all binary fields of an item', async () => {
	simulator.records.records.clear();
	const { deviceId } = devices()[0]!;
	const file = (name: string) =>
		`{ data: '${Buffer.from(name).toString('base64')}', fileName: '${name}', mimeType: 'text/plain' }`;
	const jsCode = `return [{ json: {}, binary: { data_1: ${file('a.txt')}, data_2: ${file('b.txt')} } }];`;
	await open(
		sequence('Two fields', [
			manualTrigger,
			{ type: 'n8n-nodes-base.code', typeVersion: 2, parameters: { jsCode } },
			backUp(deviceId),
		]),
	);
	await id('execute-workflow-button').click();
	await until('the backup is complete', () => records()[0]?.status === 1);
	const { recordId } = records()[0]!;
	const stored = simulator.records.files.get(recordId)!.map(({ fileName }) => fileName);
	expect(stored.sort()).toEqual(['a.txt', 'b.txt']);
});

test('says that the node before found no files', async () => {
	const read: NodeJson = {
		name: 'Read Files from Disk',
		type: 'n8n-nodes-base.readWriteFile',
		parameters: { fileSelector: join(server.userFolder, '.n8n-files/nothing/*'), options: {} },
		alwaysOutputData: true,
	};
	await open(sequence('No files', [manualTrigger, read, backUp('any')]));
	await id('execute-workflow-button').click();
	await openPanel('Back up files');
	expect(await textOf('output-panel', /nothing to back up/)).toContain('found no files');
});

test('says how to bind a device where there is none', async () => {
	simulator.devices.devices.clear();
	await open(single('Back up files', { resource: 'backup', operation: 'backUp' }));
	await openPanel('Back up files');
	await id('resource-locator-deviceId').getByTestId('rlc-input').click();
	await page.getByText("the operation 'Bind'").first().waitFor();
	await picture('no-devices', REPORTS);
});

test('adds the lock node to an AI agent, named by its operation', async () => {
	const agent: NodeJson = {
		name: 'AI Agent',
		type: '@n8n/n8n-nodes-langchain.agent',
		typeVersion: 3,
		parameters: { options: {} },
	};
	await open(sequence('Agent', [manualTrigger, agent]));
	await page
		.locator('[data-test-id="canvas-node-input-handle"][data-connection-type="ai_tool"]')
		.getByTestId('canvas-handle-plus')
		.click();
	await id('node-creator-search-bar').waitFor();
	await page.keyboard.type('KooDrive');
	const panel = page.getByTestId('node-creator');
	await panel.getByText('KooDrive Backup Lock Tool').first().click();
	await page.waitForTimeout(2_000);
	await picture('agent-tool', REPORTS);
	expect(await page.getByTestId('canvas-node').allTextContents()).toContainEqual(
		expect.stringContaining('Renew backup lock'),
	);
});
