import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { Installation } from '../installation/n8n';
import { makeCertificate } from '../simulator/certificate';

/** The processes of a benchmark, and the certificate that its servers show and its clients trust. */
export class Processes {
	private readonly folder = mkdtempSync(join(tmpdir(), 'bench-'));

	private readonly keyFile = join(this.folder, 'key.pem');

	private readonly certificateFile = join(this.folder, 'cert.pem');

	constructor(private readonly installation: Installation) {
		const { key, cert } = makeCertificate();
		writeFileSync(this.keyFile, key, { mode: 0o600 });
		writeFileSync(this.certificateFile, cert);
	}

	/** Starts one on n8n's Node. It is TypeScript like this one, so it is run the same way. */
	start(file: string): ChildProcess {
		return fork(resolve(__dirname, file), [this.keyFile, this.certificateFile], {
			execPath: this.installation.node,
			execArgv: process.execArgv,
			env: { ...process.env, NODE_EXTRA_CA_CERTS: this.certificateFile },
		});
	}

	end(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/**
 * Tells a process what to do.
 *
 * @returns what it answers
 * @throws Error if it ends before that
 */
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
