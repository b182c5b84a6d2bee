/** Mutation testing of the policies: does a test notice when a line of them is changed? */
export default {
	// A node's own file is its name and its picture: nothing that could be decided otherwise.
	mutate: ['credentials/**/*.ts', 'nodes/**/*.ts', '!nodes/**/*.node.ts'],
	buildCommand: 'npm run --silent build:test',
	testRunner: 'jest',
	// The tests import what was built, so no test looks related to a source file.
	jest: { configFile: 'test/mutation/jest.config.js', enableFindRelatedTests: false },
	coverageAnalysis: 'perTest',
	// Texts that users read are checked where they matter, not letter by letter.
	mutator: { excludedMutations: ['StringLiteral'] },
	// The tables of reasons and codes are static, and they are policy.
	ignoreStatic: false,
	concurrency: 2,
	// Far more than the tests take, or a mutant would count as noticed only because the machine was busy.
	timeoutMS: 90_000,
	// What a mutant never ends would go on beside the next ones.
	maxTestRunnerReuse: 1,
	reporters: ['clear-text', 'progress', 'json'],
	jsonReporter: { fileName: 'reports/mutation.json' },
	tempDirName: '.stryker-tmp',
};
