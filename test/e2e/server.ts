import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Installation } from '../installation/n8n';
import { installN8n } from '../installation/n8n';
import { until } from '../until';
import { installPackage } from './installPackage';

/** The owner of a server under test. */
export const OWNER = {
	email: 'owner@koodrive.example',
	firstName: 'Olga',
	lastName: 'Owner',
	password: 'Correct-horse-7',
};

/** @returns a port of loopback that is free at the moment */
export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	await new Promise((done) => server.close(done));
	return port;
}

/** A process of the server, and what it printed. */
export interface ServerProcess {
	child: ChildProcess;
	log: string;
}

/** An n8n server with the packed package in it, on loopback, in a separate user folder. */
export class N8nServer {
	readonly userFolder = mkdtempSync(join(tmpdir(), 'n8n-e2e-'));

	private readonly processes: ServerProcess[] = [];

	private cookie = '';

	private constructor(
		private readonly installation: Installation,
		readonly port: number,
		private readonly environment: Record<string, string>,
	) {}

	/** Installs what is missing, and the package; starts nothing yet. */
	static async prepare(
		environment: Record<string, string> = {},
		port?: number,
	): Promise<N8nServer> {
		const server = new N8nServer(await installN8n(), port ?? (await freePort()), environment);
		try {
			installPackage(server.userFolder);
		} catch (error) {
			await server.stop();
			throw error;
		}
		return server;
	}

	/** Everything that its processes printed. */
	get log(): string {
		return this.processes.map(({ log }) => log).join('');
	}

	/** Where the user's browser finds it. */
	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** Starts the main process and waits until it answers. */
	async start(): Promise<ServerProcess> {
		const main = await this.spawn(['start'], { N8N_PORT: String(this.port) });
		await until(
			'n8n answers',
			async () => {
				if (main.child.exitCode !== null) throw new Error(`n8n ended:\n${this.log}`);
				return await fetch(`${this.url}/rest/settings`).then(
					// Until it's ready, n8n responds with a text, with an error in JSON, and then with 404.
					({ ok, headers }) => ok && headers.get('content-type')?.includes('json') === true,
					() => false,
				);
			},
			120_000,
		);
		return main;
	}

	/** Starts another process of the same server, for example a worker. */
	async spawn(command: string[], environment: Record<string, string> = {}): Promise<ServerProcess> {
		const child = spawn(this.installation.node, [this.installation.n8n, ...command], {
			env: {
				PATH: process.env.PATH,
				HOME: this.userFolder,
				N8N_USER_FOLDER: this.userFolder,
				N8N_LISTEN_ADDRESS: '127.0.0.1',
				N8N_SECURE_COOKIE: 'false',
				N8N_DIAGNOSTICS_ENABLED: 'false',
				N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
				N8N_TEMPLATES_ENABLED: 'false',
				N8N_PERSONALIZATION_ENABLED: 'false',
				N8N_LOG_LEVEL: 'debug',
				N8N_RUNNERS_BROKER_PORT: String(await freePort()),
				...this.environment,
				...environment,
			},
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const started: ServerProcess = { child, log: '' };
		for (const stream of [child.stdout, child.stderr]) {
			stream?.on('data', (chunk: Buffer) => (started.log += chunk.toString()));
		}
		this.processes.push(started);
		return started;
	}

	/** Stops its processes, and forgets the user folder unless it is started again. */
	async stop({ forget = true } = {}): Promise<void> {
		await Promise.all(this.processes.map(async ({ child }) => await endProcess(child, 'SIGTERM')));
		if (forget) rmSync(this.userFolder, { recursive: true, force: true, maxRetries: 3 });
	}

	/** Ends its processes as a crash does, without notice. It can be started again. */
	async kill(): Promise<void> {
		await Promise.all(this.processes.map(async ({ child }) => await endProcess(child, 'SIGKILL')));
	}

	/** Makes the owner's account, or signs in where there is one. */
	async signIn(): Promise<void> {
		const settings = await this.get<{ userManagement: { showSetupOnFirstLoad: boolean } }>(
			'/settings',
		);
		if (settings.userManagement.showSetupOnFirstLoad) await this.post('/owner/setup', OWNER);
		await this.post('/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
	}

	async get<Data>(path: string): Promise<Data> {
		return await this.request<Data>('GET', path);
	}

	async post<Data>(path: string, body: object): Promise<Data> {
		return await this.request<Data>('POST', path, body);
	}

	/** Calls n8n's REST API as the signed-in user. */
	private async request<Data>(method: string, path: string, body?: object): Promise<Data> {
		const response = await fetch(`${this.url}${path.startsWith('/types') ? '' : '/rest'}${path}`, {
			method,
			headers: { 'Content-Type': 'application/json', Cookie: this.cookie },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
		const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]!);
		if (cookies.length > 0) this.cookie = cookies.join('; ');
		const answer = JSON.parse(text) as { data?: Data };
		return path.startsWith('/types') ? (answer as Data) : (answer.data as Data);
	}
}

async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exited = once(child, 'exit');
	child.kill(signal);
	const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
	await exited;
	clearTimeout(timer);
}
