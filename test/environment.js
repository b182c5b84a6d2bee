const { TestEnvironment } = require('jest-environment-node');

/** Fails a test during which the process prints a warning. Jest gives a test a copy of `process`, which gets none. */
module.exports = class WithoutWarnings extends TestEnvironment {
	warnings = [];

	// Old versions of axios send the name of a host with a TLS handshake even where it's an IP address, as in tests.
	note = (warning) => void (warning.code === 'DEP0123' || this.warnings.push(warning));

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
