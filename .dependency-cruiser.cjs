/** Imports run one way: node -> operations -> transport; credentials know nothing of nodes. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
	forbidden: [
		rule(
			'no-circular',
			'Nothing imports itself by a detour.',
			{},
			{ circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
		),
		rule(
			'credentials-know-no-nodes',
			'A credential serves any node.',
			{ path: '^credentials/' },
			{ path: '^(nodes|test|examples)/' },
		),
		rule(
			'nodes-are-the-top',
			'Nothing imports a node; n8n loads it.',
			{ pathNot: '^test/' },
			{ path: '\\.node\\.ts$' },
		),
		rule(
			'product-stands-alone',
			'The product ships without tests and examples.',
			{ path: '^(credentials|nodes)/' },
			{ path: '^(test|examples|dist)/' },
		),
		rule(
			'simulator-is-independent',
			"The simulator must not share the product's mistakes.",
			{ path: '^test/simulator/' },
			{ path: '^(credentials|nodes|dist|test/(?!simulator/))' },
		),
	],
	options: {
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.test.json' },
		doNotFollow: { path: 'node_modules' },
	},
};
