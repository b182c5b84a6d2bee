/** @type {import('jest').Config} */
module.exports = {
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/', '<rootDir>/.stryker-tmp/'],
	modulePathIgnorePatterns: ['<rootDir>/.stryker-tmp/'],
	transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022' } }] },
	collectCoverageFrom: ['dist/**/*.js'],
	coverageProvider: 'v8',
	coverageReporters: ['text', 'lcov'],
	collectCoverage: true,
	// Far more than any test takes: what is slow is the machine, and that is no failure.
	testTimeout: 180_000,
	maxWorkers: 2,
	testSequencer: '<rootDir>/test/slowestFirst.js',
};
