const { TestEnvironment } = require('jest-environment-node');

/** Skips the rest of a test file after a test has failed. */
module.exports = class UntilOneFails extends TestEnvironment {
	failed = false;

	async handleTestEvent({ name, test }) {
		if (name === 'test_done') this.failed ||= test.errors.length > 0;
		if (name === 'test_start' && this.failed) test.mode = 'skip';
	}
};
