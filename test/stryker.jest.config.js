const base = require('../jest.config');

/** Without the tests that take seconds each, and without coverage: a mutant must be judged quickly. */
module.exports = {
	...base,
	rootDir: '..',
	collectCoverage: false,
	testPathIgnorePatterns: [
		...base.testPathIgnorePatterns,
		'manyLocks',
		'outage',
		'secrets',
		'simulator.test',
		'documentation',
	],
};
