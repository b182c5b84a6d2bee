/** Imports run one way: node -> operations -> transfer, leases, records -> execution -> api -> http -> errors, credentials. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** A folder may import itself and the folders below it. */
const folder = (name, path, below) =>
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
			'Nothing imports itself through other files, not even for its types.',
			{ path: '^(credentials|nodes)/' },
			{ circular: true },
		),
		rule(
			'no-circular-tests',
			'Nothing imports itself through other files.',
			{},
			{ circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
		),
		folder('wire', 'credentials/(wire|input)', []),
		folder('authentication', 'credentials/authentication/', ['credentials/(wire|input)']),
		folder('credentials', 'credentials/', []),
		folder('errors', shared('errors'), []),
		folder('http', shared('http'), [shared('errors'), 'credentials/']),
		folder('api', shared('api'), [shared('http'), shared('errors'), 'credentials/wire']),
		folder('execution', shared('execution'), [
			shared('api'),
			shared('http'),
			shared('errors'),
			'credentials/input',
		]),
		...['leases', 'records'].map((name) =>
			folder(name, shared(name), [
				shared('execution'),
				shared('api'),
				shared('http'),
				shared('errors'),
			]),
		),
		folder('listSearch', shared('listSearch'), [
			shared('records'),
			shared('execution'),
			shared('api'),
			shared('http'),
			shared('errors'),
		]),
		folder('listSearch', shared('listSearch'), [
			shared('records'),
			shared('execution'),
			shared('api'),
			shared('http'),
			shared('errors'),
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
			'It starts n8n as the end-to-end tests do. What else they share lives in test/installation.',
			{ path: '^test/bench/' },
			{ path: '^test/e2e/', pathNot: '^test/e2e/(server|workflows)[.]ts$' },
		),
	],
	options: {
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.test.json' },
		doNotFollow: { path: 'node_modules' },
	},
};
