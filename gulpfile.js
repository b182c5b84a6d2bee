const { dest, series, src } = require('gulp');

/** Icons, codex files and output schemas: what n8n reads beside the compiled code. */
function copyAssets() {
	return src(['icons/*.svg', 'nodes/**/*.node.json', 'nodes/**/__schema__/**/*.json'], {
		base: '.',
		encoding: false,
	}).pipe(dest('dist'));
}

exports['build:assets'] = series(copyAssets);
