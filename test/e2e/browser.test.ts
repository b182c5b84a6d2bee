import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

import type { WorkflowJson } from '../engine';
import { example } from '../examples';
import { KooDriveSimulator } from '../simulator';
import { N8nServer, OWNER } from './server';
import type { StoredCredential } from './workflows';
import {
	createCredential,
	credentialFor,
	importWorkflow,
	MANUAL_TRIGGER,
	RECORD_NODE_TYPE,
} from './workflows';

/*
 * The way of a person who uses the node for the first time, a step a test; each goes on where the one before
 * ended. UPDATE_SCREENSHOTS=1 renews the README's pictures.
 */

const REPORTS = resolve(__dirname, '../../reports/screenshots');
const PICTURES =
	process.env.UPDATE_SCREENSHOTS === '1' ? resolve(__dirname, '../../docs/images') : REPORTS;

let server: N8nServer;
let simulator: KooDriveSimulator;
let browser: Browser;
let page: Page;
let credential: StoredCredential | undefined;

beforeAll(async () => {
	for (const folder of [PICTURES, REPORTS]) mkdirSync(folder, { recursive: true });
	simulator = await new KooDriveSimulator().start();
	server = await N8nServer.prepare();
	await server.start();
	await server.signIn();
	browser = await chromium.launch({
		executablePath: execFileSync('which', ['chromium']).toString().trim(),
		args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
	});
	page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
	page.setDefaultTimeout(120_000);
});
afterAll(async () => {
	await browser?.close();
	await server?.stop();
	await simulator.stop();
});

const listing: WorkflowJson = {
	name: 'The last backups',
	nodes: [
		{
			id: '1',
			name: MANUAL_TRIGGER,
			type: 'n8n-nodes-base.manualTrigger',
			typeVersion: 1,
			position: [0, 0],
			parameters: {},
		},
		{
			id: '2',
			name: 'Get many backup records',
			type: RECORD_NODE_TYPE,
			typeVersion: 1,
			position: [240, 0],
			parameters: { operation: 'getAll', moduleCode: '100', deviceId: 'file-server-1' },
		},
	],
	connections: {
		[MANUAL_TRIGGER]: { main: [[{ node: 'Get many backup records', type: 'main', index: 0 }]] },
	},
};

const id = (name: string) => page.getByTestId(name).first();
const field = (name: string) => id(`parameter-input-${name}`).locator('input').first();

async function picture(name: string, folder = PICTURES): Promise<void> {
	// Messages that fade away would stand in the picture by chance.
	await page.addStyleTag({
		content: '.el-notification, [data-sonner-toast] { display: none !important }',
	});
	await page.waitForTimeout(700);
	await page.screenshot({ path: resolve(folder, `${name}.png`) });
}

async function textOf(name: string, words: RegExp): Promise<string> {
	await page.waitForFunction(
		`new RegExp(${JSON.stringify(words.source)}).test(document.querySelector('[data-test-id="${name}"]')?.textContent ?? '')`,
	);
	return (await id(name).textContent()) ?? '';
}

beforeAll(async () => {
	const { selectors } = await import('playwright-core');
	selectors.setTestIdAttribute('data-test-id');
	await page.goto(`${server.url}/signin`);
	await page.fill('input[name="emailOrLdapLoginId"]', OWNER.email);
	await page.fill('input[name="password"]', OWNER.password);
	await id('form-submit-button').click();
	await id('new-workflow-card').waitFor();
	await page.goto(`${server.url}/workflow/new`);
});

test('finds the node in the panel by the name of the service', async () => {
	await id('node-creator-plus-button').click();
	await id('node-creator-search-bar').waitFor();
	await page.keyboard.type('KooDrive');
	await page.getByText('KooDrive Backup Lock').first().waitFor();
	await page.getByText('KooDrive Backup Lock').first().click();
	for (const action of ['Create a', 'Renew a', 'Keep a', 'Release a']) {
		await page.getByText(`${action} backup lock`).first().waitFor();
	}
	await picture('node-panel');
});

test('adds it to the workflow, ready to renew', async () => {
	await page.getByText('Renew a backup lock').first().click();
	await id('parameter-input-lockId').waitFor();
	expect(await field('operation').inputValue()).toBe('Renew');
});

test('creates a credential, is told that the token is refused, and enters another one', async () => {
	await page.getByText('Connect to KooDrive').click();
	await field('endpoint').fill(simulator.endpoint);
	await field('accessToken').fill('a-token-that-has-died');
	await field('userId').fill(simulator.account.userId);
	await id('credential-save-button').click();
	await page.getByText('More details').click();
	await page.getByText('KooDrive refused the access token').first().waitFor();
	await picture('credential-refused');
	await field('accessToken').fill(`Bearer+${simulator.account.accessToken}`);
	await id('credential-save-button').click();
	await id('credential-edit-button').waitFor();
});

test('sees that the credential works, and other fields for App Authentication', async () => {
	await id('credential-edit-button').click();
	await page.getByText('Connection tested successfully').waitFor();
	// Tall enough for the whole dialog.
	await page.setViewportSize({ width: 1280, height: 1050 });
	expect(await field('appId').isVisible()).toBe(false);
	await picture('credential');
	await id('parameter-input-authentication').click();
	await page.getByRole('option', { name: /App Authentication/ }).click();
	await field('appId').waitFor();
	expect(await field('appSecret').isVisible()).toBe(true);
	expect(await field('accessToken').isVisible()).toBe(false);
	await picture('credential-app');
	await page.getByRole('button', { name: 'Close' }).first().click();
	// n8n asks whether to throw the changes away.
	await page.locator('.el-message-box .btn--cancel').click();
	await page.setViewportSize({ width: 1280, height: 800 });
	await field('lockId').click();
});

test('types a lock ID, executes the step, and sees code and msg', async () => {
	await field('lockId').fill(
		simulator.locks.create('102', '78e41c7e-db02-4d55-85b3-8153e4fefd2e@102'),
	);
	// What n8n proposes while one types would hide the hint.
	await page.getByText('Options', { exact: true }).first().click();
	await picture('node-settings');
	simulator.requests.length = 0;
	await id('node-execute-button').click();
	const output = await textOf('output-panel', /success/);
	expect(output).toContain('code');
	expect(output).toContain('msg');
	await picture('result');
	expect(simulator.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
});

test('reads what went wrong, and what to do, when the lock has expired', async () => {
	await field('lockId').fill('1b0a6a86-3c1f-4d0c-9f57-0f1f5f3c8a11@102');
	await id('node-execute-button').click();
	const output = await textOf('output-panel', /was not renewed/);
	expect(output).toContain('KooDrive does not know this lock any more');
	expect(output).toContain('Start the backup again to get a new lock');
	await picture('error');
});

async function open(workflow: WorkflowJson): Promise<void> {
	credential ??= await createCredential(server, credentialFor(simulator), 'KooDrive account 2');
	const { id: workflowId } = await importWorkflow(server, workflow, credential);
	await page.goto(`${server.url}/workflow/${workflowId}`);
	await id('execute-workflow-button').waitFor();
	await page.waitForTimeout(1000);
}

test('imports an example, executes it, and sees that all of it has succeeded', async () => {
	await page.setViewportSize({ width: 1280, height: 640 });
	await open(example('keep-alive-during-backup'));
	await id('execute-workflow-button').click();
	await page.getByTestId('canvas-node-status-success').nth(4).waitFor();
	await id('zoom-to-fit').click();
	// The button below would cover what the step does.
	await page.mouse.move(950, 150);
	await page.mouse.wheel(0, 60);
	await picture('keep-alive');
	expect(simulator.requests.slice(-3).map(({ method }) => method)).toEqual([
		'POST',
		'PATCH',
		'DELETE',
	]);
	await page.setViewportSize({ width: 1280, height: 800 });
});

test('lists the records of a device, one item each', async () => {
	for (const day of [21, 22, 23]) {
		simulator.records.create('100', 'file-server-1', {
			status: 1,
			createTime: `2026-11-${day}T02:00:04Z`,
			endTime: `2026-11-${day}T03:41:17Z`,
		});
	}
	await open(listing);
	await page.getByTestId('canvas-node').nth(1).dblclick();
	await id('node-execute-button').click();
	await textOf('output-panel', /file-server-1/);
	await picture('records');
});

test('sees the icon in the dark theme and in a narrow window as well', async () => {
	await page.emulateMedia({ colorScheme: 'dark' });
	await page.setViewportSize({ width: 800, height: 800 });
	await page.reload();
	await page.locator('img[src*="koodriveRecord.dark.svg"]').first().waitFor();
	await picture('dark', REPORTS);
	await open(example('nightly-backup'));
	await id('zoom-to-fit').click();
	await picture('dark-canvas', REPORTS);
});
