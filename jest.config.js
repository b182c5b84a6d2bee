/** @type {import('jest').Config} */
module.exports = {
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	testPathIgnorePatterns: [
		'/node_modules/',
		'<rootDir>/test/e2e/',
		'<rootDir>/.stryker-tmp/',
		'\\.slow\\.test\\.ts$',
	],
	modulePathIgnorePatterns: ['<rootDir>/.stryker-tmp/'],
	testEnvironment: '<rootDir>/test/environment.js',
	transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022' } }] },
	collectCoverageFrom: ['dist/**/*.js'],
	coverageProvider: 'v8',
	coverageReporters: ['text', 'lcov'],
	// Far more than any test takes, so that a busy machine fails none.
	testTimeout: 180_000,
	maxWorkers: 2,
};
