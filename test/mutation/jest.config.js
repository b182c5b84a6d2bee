const base = require('../../jest.config');

/** All that runs the policies, and only until one test notices the mutant: there are hundreds of them. */
module.exports = {
	...base,
	rootDir: '../..',
	collectCoverage: false,
	testPathIgnorePatterns: [
		...base.testPathIgnorePatterns,
		'simulator.test',
		'documentation.test',
		'contributing.test',
	],
	testSequencer: require.resolve('./sequencer'),
	runner: require.resolve('./runner'),
	testEnvironment: require.resolve('./environment'),
};
