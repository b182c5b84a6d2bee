import { operations } from '../../../../dist/nodes/KooDriveBackupLock/operations';
import { reasonOf } from '../../../../dist/nodes/shared/failures/reasons';
import { failedItem, subjectId } from '../../../../dist/nodes/shared/run/report';

const operation = (name: string) => operations.find(({ option }) => option.value === name)!;
const tries = (more: object) => ({ tries: 1, unclear: false, ...more });

test('the words of an item are joined by nothing but blanks', () => {
	const item = failedItem(operation('renew'), { reason: 'unavailable' }, 'a', tries({ tries: 3 }));
	expect(item.report.message).toBe(`Lock "a" was not renewed: ${reasonOf('unavailable').what}`);
	expect(item.report.description).toBe(`${reasonOf('unavailable').hint} It was tried 3 times.`);
	expect(item.subject).toEqual({ lockId: 'a' });
});

test('say nothing of tries where there was one', () => {
	const { report } = failedItem(operation('renew'), { reason: 'refused' }, 'a', tries({}));
	expect(report.description).not.toMatch(/tried|false|undefined/);
});

test.each([
	['maxTries', 'No more tries were left'],
	['deadline', 'longer than the 60 seconds'],
	['outage', 'nothing had been reached for 60 seconds'],
] as const)('say why there was no further try: %s', (gaveUp, words) => {
	const outcome = tries({ tries: 3, gaveUp });
	const { report } = failedItem(operation('renew'), { reason: 'unavailable' }, 'a', outcome);
	expect(report.description).toContain('It was tried 3 times.');
	expect(report.description).toContain(words);
});

test.each([
	['the last try may have done it', 'timedOut', false, true],
	['an earlier try may have done it', 'unavailable', true, true],
	['no try can have done it', 'unavailable', false, false],
] as const)('warn that a lock may have been created where %s', (_what, reason, unclear, warned) => {
	const { report } = failedItem(operation('create'), { reason }, undefined, tries({ unclear }));
	expect(report.description.includes('may have created a lock')).toBe(warned);
	expect(report.message).toMatch(/^The lock was not created: /);
});

test('nothing is named where there is no ID to name', () => {
	expect(failedItem(operation('create'), { reason: 'refused' }).subject).toBeUndefined();
	expect(failedItem(operation('create'), { reason: 'refused' }, 'a').subject).toBeUndefined();
	expect(failedItem(operation('renew'), { reason: 'refused' }).subject).toBeUndefined();
});

test('an ID of a megabyte is shortened in words and left whole as data', () => {
	const id = 'x'.repeat(1_000_000);
	const { report, subject } = failedItem(operation('renew'), { reason: 'refused' }, id);
	expect(report.message.length).toBeLessThan(300);
	expect(report.message).toContain('(1000000 characters)');
	expect(subject).toEqual({ lockId: id });
});

test.each<[unknown, string | undefined]>([
	[' a ', 'a'],
	[' ', undefined],
	[7, undefined],
	[null, undefined],
])('the ID %j of an item that failed is %j', (value, id) => {
	expect(subjectId('lockId', { parameter: () => value })).toBe(id);
});

test('an ID that cannot be evaluated is none', () => {
	const parameter = () => {
		throw new Error('expression');
	};
	expect(subjectId('lockId', { parameter })).toBeUndefined();
	expect(subjectId(undefined, { parameter })).toBeUndefined();
});
