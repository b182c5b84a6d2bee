import { toRecord } from '../../../dist/nodes/KooDriveBackupRecord/record';

test.each([null, 42, { source: 'nightly' }, 'not JSON', ''])(
	'properties that are no JSON in text are handed on as they are, and nothing beside them: %j',
	(properties) => {
		const record = toRecord({ recordId: '1', properties });
		expect(Object.entries(record)).toEqual([
			['recordId', '1'],
			['properties', properties],
		]);
	},
);
