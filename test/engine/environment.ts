import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// n8n-core reads its environment and writes an encryption key to its user folder when it is loaded,
// so this import must come first.
const folder = mkdtempSync(join(tmpdir(), 'n8n-user-'));
process.env.N8N_USER_FOLDER = folder;
process.env.N8N_LOG_LEVEL ??= 'silent';
// The default since n8n 2.
process.env.N8N_DEFAULT_BINARY_DATA_MODE = 'filesystem';

const clear = () => rmSync(folder, { recursive: true, force: true });
// Jest gives a test file a copy of `process` that emits no `exit` event.
if (typeof afterAll === 'function') afterAll(clear);
else process.on('exit', clear);
