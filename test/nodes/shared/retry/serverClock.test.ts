import { isOutsideItsLife } from '../../../../dist/nodes/shared/retry/serverClock';

describe('the signing time', () => {
	const server = Date.UTC(2025, 10, 3, 7, 1, 40);
	test.each([
		['20251103T070141Z', true],
		['20251103T070140Z', false],
		['20251103T064642Z', false],
		// By the time at which it was looked at, it may have been too old.
		['20251103T064641Z', true],
		['no time at all', false],
	])('%s is outside its life at 07:01:40: %s', (signingTime, outside) => {
		expect(isOutsideItsLife(signingTime, server)).toBe(outside);
	});
});
