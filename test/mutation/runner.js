const TestRunner = require('jest-runner').default;

/** Runs one test file after the other until one fails. Jest's own `bail` ends the process with it. */
module.exports = class UntilOneFails extends TestRunner {
	async runTests(tests, watcher, options) {
		let failed = false;
		this.on('test-file-failure', () => {
			failed = true;
		});
		this.on('test-file-success', ([, { numFailingTests }]) => {
			failed ||= numFailingTests > 0;
		});
		for (const test of tests) {
			if (failed) return;
			await super.runTests([test], watcher, { ...options, serial: true });
		}
	}
};
