import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { makeCertificate } from '../simulator/certificate';

/** The processes of a benchmark, and the certificate that its servers present and its clients trust. */
export class Processes {
	private readonly folder = mkdtempSync(join(tmpdir(), 'bench-'));

	private readonly keyFile = join(this.folder, 'key.pem');

	readonly certificateFile = join(this.folder, 'cert.pem');

	/** @param node the Node that runs them */
	constructor(private readonly node: string) {
		const { key, cert } = makeCertificate();
		writeFileSync(this.keyFile, key, { mode: 0o600 });
		writeFileSync(this.certificateFile, cert);
	}

	/** Starts a process, as TypeScript like this one. */
	start(file: string): ChildProcess {
		return fork(resolve(__dirname, file), [this.keyFile, this.certificateFile], {
			execPath: this.node,
			execArgv: process.execArgv,
			env: { ...process.env, NODE_EXTRA_CA_CERTS: this.certificateFile },
		});
	}

	/**
	 * Prepares a server, and has a process measure something against it.
	 *
	 * @param timeout seconds after which the process is killed
	 * @throws Error if the process ends without an answer
	 */
	async measure<Measured, Seen>(
		server: ChildProcess,
		prepare: object,
		file: string,
		task: object = {},
		timeout = 600,
	): Promise<Measured & Seen> {
		const prepared = await ask<object>(server, prepare);
		const measured = await this.run<Measured>(file, { ...prepared, ...task }, timeout);
		return { ...measured, ...(await ask<Seen>(server, 'seen')) };
	}

	/**
	 * Has a process measure something by itself.
	 *
	 * @param timeout seconds after which the process is killed
	 * @throws Error if the process ends without an answer
	 */
	async run<Measured>(file: string, task: object, timeout = 600): Promise<Measured> {
		const child = this.start(file);
		const timer = setTimeout(() => child.kill('SIGKILL'), timeout * 1000);
		try {
			return await ask<Measured>(child, task);
		} finally {
			clearTimeout(timer);
		}
	}

	end(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** @throws Error if the process ends without an answer */
export async function ask<Answer>(child: ChildProcess, message: object | string): Promise<Answer> {
	const over = new AbortController();
	const { signal } = over;
	try {
		const answered = once(child, 'message', { signal }) as Promise<[Answer]>;
		const ended = once(child, 'exit', { signal }).then(() => {
			throw new Error('a process of the benchmark ended without an answer');
		});
		child.send(message);
		const [answer] = await Promise.race([answered, ended]);
		return answer;
	} finally {
		over.abort();
	}
}

/** In a process that measures: waits for its task, answers with the measurement, and exits. */
export function onTask<Task, Measured>(measure: (task: Task) => Promise<Measured>): void {
	process.once('message', (task: Task) => {
		measure(task).then(
			(measured) => process.send?.(measured, () => process.exit(0)),
			(error: unknown) => {
				console.error(error);
				process.exit(1);
			},
		);
	});
}
