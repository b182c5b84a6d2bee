const base = require('../../jest.config');

/** All that runs the policies, and only until one test notices the mutant: there are hundreds of them. */
module.exports = {
	...base,
	rootDir: '../..',
	collectCoverage: false,
	// None takes a third of it; a mutant that never ends would take the long time of the others.
	testTimeout: 30_000,
	testPathIgnorePatterns: [
		...base.testPathIgnorePatterns,
		'simulator.test',
		'documentation.test',
		'contributing.test',
		// Whole outages, and thousands of executions: each mutant would take minutes. What they alone notice counts as unnoticed.
		'KooDriveBackupLock/(outage|deadService).test',
		'KooDriveBackupLock/keepAliveMemory.test',
	],
	testSequencer: require.resolve('./sequencer'),
	runner: require.resolve('./runner'),
	testEnvironment: require.resolve('./environment'),
};
