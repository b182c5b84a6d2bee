import fc from 'fast-check';

import { anyJson } from '../anyJson';
import { everyAction } from '../everyAction';
import { useKooDrive } from '../setup';
import type { Fault } from '../simulator';
import { faults } from '../simulator';

const drive = useKooDrive();

/** How JavaScript complains about a value that code didn't expect. */
const NOT_OURS =
	/is not a function|is not iterable|Cannot (?:read|convert|set|destructure)|reading '|Maximum call stack|Invalid time|out of range|Unexpected token|\[object Object\]|\bNaN\b/;

/** Replaces one member, the position of which is counted through the whole response. */
function replaceAt(position: number, json: unknown, body: unknown): unknown {
	let left = position;
	const visit = (value: unknown): unknown => {
		if (left-- === 0) return json;
		if (Array.isArray(value)) return value.map(visit);
		if (typeof value !== 'object' || value === null) return value;
		return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, visit(member)]));
	};
	return visit(body);
}

/** A value of a response that isn't as the API Reference has it, or a whole response. */
const anyFault: fc.Arbitrary<Fault> = fc.oneof(
	anyJson.map((json) => faults.body(json)),
	anyJson.map((json) => faults.body(`{"code":0,"data":${json}}`)),
	anyJson.map((json) =>
		faults.body(`{"code":0,"data":[${json},{"recordId":"1"}],"nextCursor":""}`),
	),
	fc
		.tuple(
			fc.nat(20),
			// The simulator couldn't write it.
			anyJson.filter((json) => !json.includes('['.repeat(1000))),
		)
		.map(([position, json]) =>
			faults.change((body) => replaceAt(position, JSON.parse(json), body)),
		),
);

test('fails only with its errors, whatever KooDrive responds', async () => {
	const { accessToken, appId, appSecret, userId } = drive.simulator.account;
	const { endpoint } = drive.simulator;
	const credential = { endpoint, authentication: 'app', accessToken, appId, appSecret, userId };
	const actions = everyAction(drive);
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom(...actions),
			fc.array(fc.option(anyFault, { nil: undefined, freq: 3 }), { minLength: 1, maxLength: 6 }),
			fc.nat(2),
			async ({ run }, sequence, index) => {
				const rest = [...sequence];
				// Locks can be released, so that none stays alive.
				drive.simulator.faultFor = () => rest.shift();
				expect(NOT_OURS.exec(await run(credential, index))?.[0]).toBeUndefined();
			},
		),
		{ numRuns: Number(process.env.RUNS ?? 100) },
	);
	expect(Object.keys(Object.prototype)).toEqual([]);
});
