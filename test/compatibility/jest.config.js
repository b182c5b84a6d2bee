const { createRequire } = require('node:module');
const { join } = require('node:path');

const base = require('../../jest.config');

const { resolve } = createRequire(join(process.env.N8N_LIBRARIES, 'package.json'));
const libraries = ['n8n-core', 'n8n-workflow', '@n8n/di', 'luxon', 'reflect-metadata'];

/** The tests, with n8n's libraries taken from the folder that N8N_LIBRARIES names. */
module.exports = {
	...base,
	rootDir: '../..',
	collectCoverage: false,
	moduleNameMapper: Object.fromEntries(libraries.map((name) => [`^${name}$`, resolve(name)])),
};
