const { TestEnvironment } = require('jest-environment-node');

/** Fails a test during which the process prints a warning. Jest gives a test a copy of `process`, which gets none. */
module.exports = class WithoutWarnings extends TestEnvironment {
	warnings = [];

	note = (warning) => void this.warnings.push(warning);

	async setup() {
		await super.setup();
		process.on('warning', this.note);
	}

	async teardown() {
		process.off('warning', this.note);
		await super.teardown();
	}

	async handleTestEvent({ name, test }) {
		if (name === 'test_done') test.errors.push(...this.warnings.splice(0));
	}
};
