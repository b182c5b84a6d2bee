import { bytesOf } from './backup';
import { proofCode, proofRange } from './proofCode';

test('makes the proof code from at most 8 bytes at a position that the user ID decides on', () => {
	const bytes = bytesOf(1000);
	const [start, end] = proofRange('1505084218764547200', bytes.length);
	expect([start, end]).toEqual([695, 703]);
	expect(proofCode(bytes.subarray(start, end))).toBe(
		'1d63ec37ab277f1fa0d9bca70b5ef3b19d107ed6379965bed3e05f4194bd46c5',
	);
});

test('stays within a file of less than 8 bytes', () => {
	const [start, end] = proofRange('1505084218764547200', 3);
	expect(start).toBeLessThan(3);
	expect(end).toBe(3);
});
