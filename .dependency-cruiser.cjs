/** Imports run one way: node -> operations -> run -> retry -> transport -> credentials. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** A room may import itself and the rooms below it. */
const room = (name, path, below) =>
	rule(
		name,
		`${path} imports nothing but ${below.join(', ')}.`,
		{ path: `^${path}` },
		{ path: '^(credentials|nodes|test|examples)/', pathNot: `^(${[path, ...below].join('|')})` },
	);

const shared = (name) => `nodes/shared/${name}/`;

module.exports = {
	forbidden: [
		rule(
			'no-circular',
			'Nothing imports itself by a detour.',
			{},
			{ circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
		),
		room('wire', 'credentials/wire/', []),
		room('authentication', 'credentials/authentication/', ['credentials/wire/']),
		room('credentials', 'credentials/', []),
		room('failures', shared('failures'), []),
		room('transport', shared('transport'), [shared('failures'), 'credentials/']),
		room('retry', shared('retry'), [
			shared('transport'),
			shared('failures'),
			'credentials/authentication/signingTime',
		]),
		room('keeper', shared('keeper'), [shared('retry'), shared('failures')]),
		room('run', shared('run'), [
			shared('keeper'),
			shared('retry'),
			shared('transport'),
			shared('failures'),
			'credentials/wire/query',
		]),
		room('parameters', shared('parameters'), [
			shared('run'),
			shared('failures'),
			'credentials/wire/headerValue',
		]),
		rule(
			'shared-knows-no-node',
			'What serves every node knows none of them.',
			{ path: '^nodes/shared/' },
			{ path: '^nodes/(?!shared/)' },
		),
		rule(
			'no-node-imports-another',
			'What two nodes need lives in nodes/shared.',
			{ path: '^nodes/(KooDrive\\w+)/' },
			{ path: '^nodes/KooDrive', pathNot: '^nodes/$1/' },
		),
		rule(
			'nodes-are-the-top',
			'Nothing imports a node; n8n loads it.',
			{ pathNot: '^test/' },
			{ path: '\\.node\\.ts$' },
		),
		rule(
			'simulator-is-independent',
			"The simulator must not share the product's mistakes.",
			{ path: '^test/simulator/' },
			{ path: '^(credentials|nodes|dist|test/(?!simulator/))' },
		),
		rule(
			'the-benchmark-stands-alone',
			'What it shares with the end-to-end tests lives in test/installation.',
			{ path: '^test/bench/' },
			{ path: '^test/e2e/' },
		),
	],
	options: {
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.test.json' },
		doNotFollow: { path: 'node_modules' },
	},
};
