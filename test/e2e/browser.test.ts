import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { WorkflowJson } from '../engine';
import { bytes } from '../engine/files';
import { changed, example, withFolder } from '../examples';
import type { KooDriveSimulator } from '../simulator';
import { until } from '../until';
import {
	boxOf,
	boxOfCanvas,
	field,
	id,
	openEditor,
	openList,
	openPanel,
	openWorkflow,
	page,
	PANEL,
	picture,
	PICTURES,
	REPORTS,
	textOf,
} from './editor';
import type { N8nServer } from './server';
import { startServer } from './setup';
import type { StoredCredential } from './workflows';
import { createCredential, credentialFor, importWorkflow, single } from './workflows';

/* What a user does who uses the nodes for the first time. Each test continues where the one before it ended. */

const ENDPOINT = 'https://intl.myhuaweicloud-koodrive.com';

let server: N8nServer;
let simulator: KooDriveSimulator;
let credential: StoredCredential | undefined;

beforeAll(async () => {
	({ simulator, server } = await startServer({ GENERIC_TIMEZONE: 'Etc/UTC' }));
	await openEditor(server);
});

test('finds both nodes in the panel by the name of the service, with their actions', async () => {
	await id('node-creator-plus-button').click();
	await id('node-creator-search-bar').waitFor();
	await page.keyboard.type('KooDrive');
	await page.getByText('KooDrive Backup Lock').first().waitFor();
	expect(await page.getByText('KooDrive Backup', { exact: true }).first().isVisible()).toBe(true);
	await picture('node-panel', REPORTS);
	await page.getByText('KooDrive Backup Lock').first().click();
	const actions = ['Create backup lock', 'Renew backup lock', 'Keep backup lock alive'];
	for (const action of [...actions, 'Release backup lock']) {
		await page.getByText(action).first().waitFor();
	}
});

test('adds it to the workflow, ready to renew', async () => {
	await page.getByText('Renew backup lock').first().click();
	await id('parameter-input-lockId').waitFor();
	expect(await field('operation').inputValue()).toBe('Renew');
});

test('creates a credential, reads that the token is rejected, and enters another one', async () => {
	await page.getByText('Connect to KooDrive').click();
	await field('endpoint').fill(simulator.endpoint);
	await field('accessToken').fill('a-token-that-has-died');
	await field('userId').fill(simulator.account.userId);
	await id('credential-save-button').click();
	await page.getByText('More details').click();
	await page.getByText('KooDrive rejected the access token').first().waitFor();
	await picture('credential-refused', REPORTS);
	await field('accessToken').fill(`Bearer+${simulator.account.accessToken}`);
	await id('credential-save-button').click();
	await id('credential-edit-button').waitFor();
});

test('tests the credential, and sees other fields for App Authentication', async () => {
	await id('credential-edit-button').click();
	await page.getByText('Connection tested successfully').waitFor();
	// Tall enough for the whole dialog.
	await page.setViewportSize({ width: 1280, height: 1050 });
	expect(await field('appId').isVisible()).toBe(false);
	// What users enter, in place of the simulator's address.
	await page.evaluate(
		`document.querySelector('[data-test-id="parameter-input-endpoint"] input').value = '${ENDPOINT}'`,
	);
	await picture('credential', PICTURES, await boxOf(id('editCredential-modal')));
	await id('parameter-input-authentication').click();
	await page.getByRole('option', { name: /App Authentication/ }).click();
	await field('appId').waitFor();
	expect(await field('appSecret').isVisible()).toBe(true);
	expect(await field('accessToken').isVisible()).toBe(false);
	await picture('credential-app', REPORTS);
	await page.getByRole('button', { name: 'Close' }).first().click();
	// n8n asks whether to discard the changes.
	await page.locator('.el-message-box .btn--cancel').click();
	await page.setViewportSize(PANEL);
	await field('lockId').click();
});

test('enters a lock ID, executes the node, and sees code and msg', async () => {
	await field('lockId').fill(
		simulator.locks.create('102', '78e41c7e-db02-4d55-85b3-8153e4fefd2e@102'),
	);
	// n8n's suggestions would cover the hint.
	await page.getByText('Options', { exact: true }).first().click();
	simulator.requests.length = 0;
	await id('node-execute-button').click();
	const output = await textOf('output-panel', /success/);
	expect(output).toContain('code');
	expect(output).toContain('msg');
	await page.setViewportSize(PANEL);
	await picture('lock-panel', PICTURES, await boxOf(id('ndv')));
	expect(simulator.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
});

test('reads what happened and what to do when the lock has expired', async () => {
	await field('lockId').fill('1b0a6a86-3c1f-4d0c-9f57-0f1f5f3c8a11@102');
	await id('node-execute-button').click();
	const output = await textOf('output-panel', /was not renewed/);
	expect(output).toContain("the lock doesn't exist or has expired");
	expect(output).toContain('Start the backup again');
	await picture('error', PICTURES, await boxOf(id('ndv')));
});

async function open(workflow: WorkflowJson): Promise<void> {
	credential ??= await createCredential(server, credentialFor(simulator), 'KooDrive account');
	await openWorkflow(server, await importWorkflow(server, workflow, credential));
}

describe('a nightly backup', () => {
	beforeAll(async () => {
		simulator.devices.bind('machine-1', 'file-server-1', 'Linux');
		simulator.devices.bind('machine-2', 'photo-archive', 'n8n');
		const folder = join(server.userFolder, '.n8n-files');
		const documents = join(folder, 'documents');
		mkdirSync(documents, { recursive: true });
		for (const name of ['invoices.xlsx', 'report.pdf']) {
			writeFileSync(join(documents, name), bytes(200_000, name.length));
		}
		await page.setViewportSize(PANEL);
		await open(changed(example('nightly-backup'), withFolder(folder)));
	});

	test('selects the device from the list', async () => {
		await openPanel('Back up files');
		await openList('deviceId');
		expect(await page.getByTestId('rlc-item').allTextContents()).toEqual([
			expect.stringContaining('file-server-1, Linux'),
			expect.stringContaining('photo-archive, n8n'),
		]);
		await picture('devices-list', REPORTS);
		await page.getByTestId('rlc-item').first().click();
		const input = id('resource-locator-deviceId').locator('input').last();
		expect(await input.inputValue()).toBe('file-server-1, Linux');
		await picture('back-up-panel', PICTURES, await boxOf(id('ndv')));
		await page.keyboard.press('Escape');
	});

	test('executes the workflow, and sees that every node succeeded', async () => {
		await id('execute-workflow-button').click();
		await page.getByTestId('canvas-node-status-success').nth(3).waitFor();
		await page.setViewportSize({ width: 1700, height: 900 });
		await id('zoom-to-fit').click();
		await picture('nightly-backup', PICTURES, await boxOfCanvas());
		expect([...simulator.records.records.values()]).toMatchObject([{ status: 1 }]);
	});
});

test('selects a completed record from the list, newest first, and searches for one', async () => {
	const { deviceId } = [...simulator.devices.devices.values()][0]!;
	simulator.records.records.clear();
	for (const day of [21, 22, 23, 24]) {
		const record = simulator.records.create('100', deviceId, {
			status: day === 23 ? 0 : 1,
			createTime: `2026-11-${day}T02:00:04Z`,
		});
		const { recordId } = record;
		record.properties = JSON.stringify({
			n8n: { recordId, files: 1180 + day, bytes: day * 1.4e8 },
		});
	}
	await page.setViewportSize(PANEL);
	const restore = { resource: 'backup', operation: 'restore', source: 'record' };
	await open(
		single('Restore backup', { ...restore, recordId: { __rl: true, mode: 'list', value: '' } }),
	);
	await openPanel('Restore backup');
	await openList('recordId');
	const entries = await page.getByTestId('rlc-item').allTextContents();
	expect(entries).toEqual([
		expect.stringContaining('2026-11-24 02:00:04 UTC, 1,204 files, 3.4 GB, file-server-1'),
		expect.stringContaining('2026-11-22 02:00:04 UTC'),
		expect.stringContaining('2026-11-21 02:00:04 UTC'),
	]);
	await picture('records-list', PICTURES, await boxOf(id('ndv')));
	await page.keyboard.type('11-22');
	await until('one record is left', async () => (await page.getByTestId('rlc-item').count()) === 1);
	await page.getByTestId('rlc-item').first().click();
	const input = id('resource-locator-recordId').locator('input').last();
	expect(await input.inputValue()).toContain('2026-11-22');
});

test('sees both icons in the dark theme and in a narrow window as well', async () => {
	await page.emulateMedia({ colorScheme: 'dark' });
	await page.setViewportSize({ width: 800, height: 800 });
	await open(example('backup-with-own-steps'));
	for (const icon of ['koodrive.dark.svg', 'koodriveBackup.dark.svg']) {
		await page.locator(`img[src*="${icon}"]`).first().waitFor();
	}
	await id('zoom-to-fit').click();
	await picture('dark-canvas', REPORTS);
});
