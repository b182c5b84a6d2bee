const Sequencer = require('@jest/test-sequencer').default;

/** Runs the test files that took least time before those that took more. */
module.exports = class QuickestFirst extends Sequencer {
	sort(tests) {
		// Jest's own order is no use here, but it looks up how long each file took.
		return super.sort(tests).sort((a, b) => (a.duration ?? 0) - (b.duration ?? 0));
	}
};
