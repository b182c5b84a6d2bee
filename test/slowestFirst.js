const { basename } = require('node:path');

const Sequencer = require('@jest/test-sequencer').default;

/** What takes longest, in this order. Jest finds it out by itself, but only where it has run before. */
const SLOWEST = ['outage.test.ts', 'deadService.test.ts', 'contributing.test.ts'];

/** Begins with what takes longest: left for the end, it would run alone while the other processes have nothing to do. */
module.exports = class SlowestFirst extends Sequencer {
	sort(tests) {
		const rank = ({ path }) =>
			SLOWEST.includes(basename(path)) ? SLOWEST.indexOf(basename(path)) : SLOWEST.length;
		return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
	}
};
