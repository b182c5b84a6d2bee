import { homedir } from 'node:os';
import { join } from 'node:path';

/** What takes long to install is kept here, outside the repository, for the next time. */
export const CACHE = join(homedir(), '.cache', 'n8n-nodes-koodrive');
