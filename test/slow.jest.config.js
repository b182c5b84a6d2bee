const base = require('../jest.config');

/** The tests that take minutes: thousands of locks, real timeouts, memory. */
module.exports = {
	...base,
	rootDir: '..',
	testTimeout: 600_000,
	testMatch: ['<rootDir>/test/**/*.slow.test.ts'],
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/.stryker-tmp/'],
};
