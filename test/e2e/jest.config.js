const base = require('../../jest.config');

/** @type {import('jest').Config} */
module.exports = {
	...base,
	rootDir: '../..',
	testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
	testPathIgnorePatterns: ['/node_modules/'],
	collectCoverage: false,
	testTimeout: 400_000,
	// Each file starts its own servers, and waits for them most of the time.
	maxWorkers: 3,
};
