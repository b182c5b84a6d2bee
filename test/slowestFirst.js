const { basename } = require('node:path');

const Sequencer = require('@jest/test-sequencer').default;

/** What takes long, the longest last. Jest finds it out by itself, but only where it has run before. */
const SLOW = ['contributing.test.ts', 'deadService.test.ts', 'outage.test.ts'];

/** Begins with what takes longest: left for the end, it would run alone while the other processes have nothing to do. */
module.exports = class SlowestFirst extends Sequencer {
	sort(tests) {
		const rank = ({ path }) => SLOW.indexOf(basename(path));
		return super.sort(tests).sort((one, other) => rank(other) - rank(one));
	}
};
