const { createRequire } = require('node:module');
const { join } = require('node:path');

const base = require('../../jest.config');

const { resolve } = createRequire(join(process.env.TEST_N8N_LIBRARIES, 'index.js'));
const libraries = ['n8n-core', 'n8n-workflow', '@n8n/di', 'luxon', 'reflect-metadata'];

/** The tests that run n8n's code, with n8n's libraries from the folder that TEST_N8N_LIBRARIES names. */
module.exports = {
	...base,
	rootDir: '../..',
	testPathIgnorePatterns: [
		...base.testPathIgnorePatterns,
		'/documentation.test',
		'<rootDir>/test/simulator/',
	],
	collectCoverage: false,
	moduleNameMapper: {
		...base.moduleNameMapper,
		...Object.fromEntries(libraries.map((name) => [`^${name}$`, resolve(name)])),
	},
	// Old versions of n8n-core require packages that are ES modules, which Node can and Jest can't.
	transform: { ...base.transform, '/(p-retry|is-network-error)/.*\\.js$': '@swc/jest' },
	transformIgnorePatterns: ['/node_modules/(?!(p-retry|is-network-error)/)'],
};
