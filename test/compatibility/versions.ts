/** The n8n version that the tests run on, if it isn't the one that the package is developed with. */
const VERSION = process.env.TEST_N8N_VERSION;

function isN8n(earliest: string): boolean {
	return VERSION === undefined || VERSION.localeCompare(earliest, 'en', { numeric: true }) >= 0;
}

/** Jest's `test`, for what n8n can since a version. On older versions it skips, and the name says why. */
function testFrom(earliest: string, change: string): jest.It {
	if (isN8n(earliest)) return test;
	const needs = (name: string) => `${name} (needs n8n ${earliest}, ${change})`;
	const skip = (name: string, fn?: jest.ProvidesCallback) => test.skip(needs(name), fn);
	const each = (cases: readonly unknown[]) => {
		const skipEach = test.skip.each(cases);
		return (name: string, fn: (...args: unknown[]) => unknown) => skipEach(needs(name), fn);
	};
	return Object.assign(skip, test, { each }) as jest.It;
}

/** Whether Keep Alive sends requests. */
export const canKeepAlive = isN8n('2.33');

/** A test of Keep Alive, as operation or as option. Older versions refuse it, which other tests show. */
export const testKeepAlive = testFrom('2.33', 'which notifies a node when the execution ends');

/** A test of what the error of axios tells and its code doesn't: that a TLS handshake was in progress. */
export const testTlsHandshake = testFrom('2.34', 'which passes on the error of axios');

/** A test of the Data Table node as the example uses it. */
export const testDataTable = testFrom('2.3', 'whose Data Table node has the fields of the example');

/** A test of the binary mode of a workflow. It came between 2.0 and 2.20. */
export const testBinaryMode = testFrom('2.20', 'which has the binary mode "combined"');

/** A test of how many bytes n8n says that binary data has, without reading its metadata. */
export const testKnownBytes = testFrom('2.20', 'which tells how many bytes binary data has');

/** Jest's `test`, where a file gives that name to one of the others. */
export const testEveryVersion = test;
