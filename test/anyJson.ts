import fc from 'fast-check';

/** Names of the members that the API has, and of those that JavaScript has. */
const NAMES = [
	...['code', 'msg', 'data', 'error_code', 'error_msg', 'nextCursor', 'lockId', 'recordId'],
	...['moduleCode', 'status', 'properties', 'version', 'createTime', 'endTime', 'deviceInfo'],
	...['deviceId', 'deviceName', 'deviceOS', 'fileId', 'fileName', 'size', 'sha256', 'description'],
	...['rapidUpload', 'exist', 'multiParts', 'partNumber', 'uploadUrl', 'downloads', 'url'],
	...['containerId', 'n8n', 'files', 'bytes', 'workflow', 'length', 'then', 'toJSON'],
	...['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'],
];

/** As they stand in JSON: texts of numbers, numbers that JavaScript can't hold, and what isn't a number at all. */
const SCALARS = [
	...['0', '1', '2', '-1', '0.5', '1.0', '1e3', '-0', '1e-7', '1E+30', '1e400', '-1e400'],
	...['9007199254740991', '9007199254740993', '1842862763295184641', '1'.repeat(400)],
	...['"0"', '"1"', '" 1 "', '"-1"', '"1e3"', '"0x1"', '"1842862763295184641"', '"nan"'],
	...[
		'""',
		'" "',
		'"a"',
		'"\\u0000\\ud800"',
		'"\\u2066"',
		'"__proto__"',
		'"[]"',
		'"{\\"n8n\\":{}}"',
	],
	...['"2025-11-03T07:01:40Z"', '"20251303T990140Z"', '"https://a.example/?a=b"', '"not a link"'],
	...[
		'{"toString":1,"valueOf":1}',
		'{"a":1}',
		'null',
		'true',
		'false',
		'[]',
		'{}',
		'[null]',
		'[[]]',
		'[1,"1",{}]',
	],
	`"${'['.repeat(20_000)}"`,
	'['.repeat(5_000) + ']'.repeat(5_000),
];

const scalar = fc.oneof(
	{ weight: 5, arbitrary: fc.constantFrom(...SCALARS) },
	fc.string().map((text) => JSON.stringify(text)),
);

// cspell:ignore letrec
/** JSON of any value, as text, because a value has lost what is odd about some JSON. */
export const anyJson: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string }>(
	(tie) => ({
		value: fc.oneof(
			{ maxDepth: 5, withCrossShrink: true },
			{ weight: 3, arbitrary: scalar },
			{ weight: 3, arbitrary: tie('object') },
			{
				weight: 1,
				arbitrary: fc.array(tie('value'), { maxLength: 4 }).map((list) => `[${list.join(',')}]`),
			},
		),
		object: fc
			.array(fc.tuple(fc.constantFrom(...NAMES), tie('value')), { maxLength: 8 })
			.map((members) => `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`),
	}),
).value;

export const anyName = fc.constantFrom(...NAMES);
