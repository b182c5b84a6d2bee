import '../engine/environment';
import 'reflect-metadata';

import 'n8n-core';

/* What loading the package costs after n8n is loaded. */

const PACKAGE = '../../dist';
const before = process.memoryUsage().heapUsed;
const began = performance.now();
/* eslint-disable @typescript-eslint/no-require-imports */
require(`${PACKAGE}/nodes/KooDriveBackupLock/KooDriveBackupLock.node.js`);
require(`${PACKAGE}/credentials/KooDriveApi.credentials.js`);
const milliseconds = performance.now() - began;
const mebibytes = (process.memoryUsage().heapUsed - before) / 1024 / 1024;
console.log(JSON.stringify({ milliseconds, mebibytes }));
process.exit(0);
