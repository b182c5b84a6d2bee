const base = require('../../jest.config');

/** Runs everything that executes the code under mutation, and only until one test notices the mutant: there are hundreds. */
module.exports = {
	...base,
	rootDir: '../..',
	collectCoverage: false,
	// No test takes a third of it. A mutant that never ends would take the long timeout of the other runs.
	testTimeout: 30_000,
	testPathIgnorePatterns: [
		...base.testPathIgnorePatterns,
		'test/simulator/',
		'documentation.test',
		// Whole outages: each mutant would take half a minute.
		'behavior/outages.test',
	],
	runner: require.resolve('./runner'),
	testEnvironment: require.resolve('./environment'),
};
