import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Locator, Page } from 'playwright-core';

import type { N8nServer } from './server';
import { OWNER } from './server';
import { stopAtEnd } from './setup';
import type { StoredWorkflow } from './workflows';

/* n8n's editor in a browser. UPDATE_SCREENSHOTS=1 updates the README's pictures. */

export const REPORTS = resolve(__dirname, '../../reports/screenshots');
export const PICTURES =
	process.env.UPDATE_SCREENSHOTS === '1' ? resolve(__dirname, '../../docs/images') : REPORTS;

/** A window in which the panel of a node has little empty space. */
export const PANEL = { width: 1400, height: 720 };

type Clip = NonNullable<NonNullable<Parameters<Page['screenshot']>[0]>['clip']>;

/** The only window. */
export let page: Page;

/** Opens the editor as the owner of a server, with a new workflow. */
export async function openEditor(server: N8nServer): Promise<void> {
	for (const folder of [PICTURES, REPORTS]) mkdirSync(folder, { recursive: true });
	const { chromium, selectors } = await import('playwright-core');
	selectors.setTestIdAttribute('data-test-id');
	const browser = await chromium.launch({
		executablePath: execFileSync('which', ['chromium']).toString().trim(),
		args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
	});
	stopAtEnd(async () => await browser.close());
	page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
	page.setDefaultTimeout(40_000);
	await page.goto(`${server.url}/signin`);
	await page.fill('input[name="emailOrLdapLoginId"]', OWNER.email);
	await page.fill('input[name="password"]', OWNER.password);
	await id('form-submit-button').click();
	// The page that follows depends on what there is already.
	await page.waitForURL((url) => !url.pathname.includes('signin'));
	await page.goto(`${server.url}/workflow/new`);
}

export const id = (name: string) => page.getByTestId(name).first();
export const field = (name: string) => id(`parameter-input-${name}`).locator('input').first();

/** Takes a picture of the window, or of a part of it. */
export async function picture(name: string, folder = PICTURES, clip?: Clip): Promise<void> {
	// Notifications disappear after a while, so they would be in some pictures only. The buttons beside a node's
	// panel would be cut off.
	await page.addStyleTag({
		content:
			'.el-notification, [data-sonner-toast], [data-test-id="floating-node"] { display: none !important }',
	});
	await page.waitForTimeout(700);
	await page.screenshot({ path: resolve(folder, `${name}.png`), clip });
}

/** Where an element is in the window. */
export async function boxOf(element: Locator): Promise<Clip> {
	const box = await element.boundingBox();
	if (box === null) throw new Error('the element is not visible');
	return box;
}

/** Where the nodes and the notes are in the window, with a margin. */
export async function boxOfCanvas(): Promise<Clip> {
	const boxes = await Promise.all((await page.locator('.vue-flow__node').all()).map(boxOf));
	const [left, top] = [Math.min(...boxes.map(({ x }) => x)), Math.min(...boxes.map(({ y }) => y))];
	const right = Math.max(...boxes.map(({ x, width }) => x + width));
	const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
	// The names under the nodes are outside of them.
	return { x: left - 48, y: top - 24, width: right - left + 96, height: bottom - top + 120 };
}

export async function textOf(name: string, words: RegExp): Promise<string> {
	await page.waitForFunction(
		`new RegExp(${JSON.stringify(words.source)}).test(document.querySelector('[data-test-id="${name}"]')?.textContent ?? '')`,
	);
	return (await id(name).textContent()) ?? '';
}

/** Opens a workflow, ready to be executed. */
export async function openWorkflow(
	server: N8nServer,
	{ id: workflow }: StoredWorkflow,
): Promise<void> {
	await page.goto(`${server.url}/workflow/${workflow}`);
	await id('execute-workflow-button').waitFor();
	await page.waitForTimeout(1000);
}

/** The panel of a node, which is found by a part of its name. */
export async function openPanel(name: string): Promise<void> {
	await page.getByTestId('canvas-node').filter({ hasText: name }).first().dblclick();
}

/** Opens the list of a resource locator, and waits for its entries. */
export async function openList(parameter: string): Promise<void> {
	await id(`resource-locator-${parameter}`).getByTestId('rlc-input').click();
	await page.getByTestId('rlc-item').first().waitFor();
}
