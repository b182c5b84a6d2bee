const { existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const TestRunner = require('jest-runner').default;

/**
 * Runs one test file after the other until one fails. Jest's own `bail` would end the process. Skips the files whose
 * tests are not selected, as far as the first run has recorded their names: loading n8n for each file takes longer
 * than most tests.
 */
module.exports = class UntilOneFails extends TestRunner {
	async runTests(tests, watcher, options) {
		const { rootDir, testNamePattern } = this._globalConfig;
		const wanted = testNamePattern && new RegExp(testNamePattern, 'i');
		const seen = new Seen(join(rootDir, 'reports/tests-seen.json'));
		let failed = false;
		this.on('test-file-failure', () => {
			failed = true;
		});
		this.on('test-file-success', ([{ path }, { numFailingTests, testResults }]) => {
			failed ||= numFailingTests > 0;
			if (!wanted) seen.note(path, testResults);
		});
		for (const test of tests) {
			if (failed) break;
			if (wanted && !seen.mayHold(test.path, wanted)) continue;
			await super.runTests([test], watcher, { ...options, serial: true });
		}
		if (!wanted) seen.save();
	}
};

/** The names of the tests in each file. */
class Seen {
	constructor(file) {
		this.file = file;
		this.names = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
	}

	note(path, testResults) {
		this.names[path] = testResults.map(({ fullName }) => fullName);
	}

	mayHold(path, wanted) {
		return this.names[path]?.some((name) => wanted.test(name)) ?? true;
	}

	save() {
		mkdirSync(dirname(this.file), { recursive: true });
		writeFileSync(this.file, JSON.stringify(this.names));
	}
}
