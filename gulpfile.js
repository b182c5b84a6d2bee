const { dest, series, src } = require('gulp');

/** Icons and codex files: what n8n reads beside the compiled code. */
function copyAssets() {
	return src(['icons/*.svg', 'nodes/**/*.node.json'], { base: '.', encoding: false }).pipe(
		dest('dist'),
	);
}

exports['build:assets'] = series(copyAssets);
