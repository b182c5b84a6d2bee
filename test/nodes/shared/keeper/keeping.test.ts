import { Keeping } from '../../../../dist/nodes/shared/keeper/keeping';
import type { Failure } from '../../../../dist/nodes/shared/failures/failure';
import type { ReasonName } from '../../../../dist/nodes/shared/failures/reasons';
import { reasonOf, REASONS } from '../../../../dist/nodes/shared/failures/reasons';
import type { CallOutcome } from '../../../../dist/nodes/shared/retry/retry';
import { failed } from '../../../../dist/nodes/shared/transport/result';
import { HeldClock } from '../../../engine/heldClock';
import { SimulatedClock } from '../../../simulator/clock';

const SECOND = 1_000;
const names = Object.keys(REASONS) as ReasonName[];

let clock: HeldClock;
/** What the next renewals meet. */
let meets: ReasonName | 'success' | 'nothing';
/** At which second each was begun. */
let begun: number[];
let told: Failure[];

beforeEach(() => {
	const service = new SimulatedClock(0);
	service.advance(1_000 * SECOND);
	clock = new HeldClock(service);
	meets = 'success';
	begun = [];
	told = [];
});

afterEach(() => {
	clock.end();
});

/** Keeps something that was renewed just now. */
function keep(release?: () => Promise<void>): { keeping: Keeping; running: Promise<void> } {
	const began = clock.monotonic();
	const renew = async (signal: AbortSignal): Promise<CallOutcome> => {
		begun.push((clock.monotonic() - began) / SECOND);
		if (meets === 'success') return { ok: true, sentAt: clock.monotonic() } as CallOutcome;
		if (meets !== 'nothing') return { ...failed(meets), tries: 1, unclear: false };
		await new Promise((resolve) => signal.addEventListener('abort', resolve));
		return { ...failed('stopped'), tries: 1, unclear: false };
	};
	const keeping = new Keeping(
		{
			renew,
			...(release && { release }),
			renewEvery: 200 * SECOND,
			stopAfter: 3_600 * SECOND,
			inWords: ({ reason }) => `as ${reason} says`,
			onLost: (loss) => told.push(loss),
		},
		clock,
		began,
	);
	return { keeping, running: keeping.run() };
}

const passing = names.filter((name) => {
	const { retry, notThere, notItsWord } = reasonOf(name);
	return [retry, notThere, notItsWord].includes(true);
});

test.each(passing)(
	'is tried again some seconds after %s, for as long as it may live',
	async (name) => {
		const { keeping } = keep();
		meets = name;
		await clock.pass(539 * SECOND);
		expect(begun.slice(0, 3)).toEqual([200, 202.5, 205]);
		expect(keeping.loss).toBeUndefined();
		meets = 'success';
		await clock.pass(240 * SECOND);
		expect(begun.slice(-2)).toEqual([540, 740]);
		expect(told).toEqual([]);
	},
);

test.each(names.filter((name) => !passing.includes(name)))(
	'is lost at once after %s, and tried no more',
	async (name) => {
		const { keeping } = keep();
		meets = name;
		await clock.pass(1_000 * SECOND);
		expect(begun).toEqual([200]);
		const lost = { at: clock.now() - 800 * SECOND, because: `as ${name} says` };
		expect(keeping.loss).toEqual({ reason: name, lost });
		expect(told).toEqual([keeping.loss]);
	},
);

test('is lost when nothing but passing failures came for nine minutes since the last success was sent', async () => {
	const { keeping } = keep();
	await clock.pass(200 * SECOND);
	meets = 'unavailable';
	await clock.pass(1_000 * SECOND);
	expect(begun.at(-1)).toBe(740);
	expect(keeping.loss?.lost?.at).toBe(clock.now() - 460 * SECOND);
	expect(told).toHaveLength(1);
});

test('leaves it to chance when it is tried again, so that many do not come at once', async () => {
	clock.chance = () => 0.5;
	keep();
	meets = 'unavailable';
	await clock.pass(200 * SECOND);
	expect(begun.slice(0, 3)).toEqual([190, 193.75, 197.5]);
});

test('is no loss when a renewal in flight is abandoned', async () => {
	const { keeping, running } = keep();
	meets = 'nothing';
	await clock.pass(200 * SECOND);
	await keeping.finish();
	await running;
	expect(begun).toEqual([200]);
	expect(keeping.loss).toBeUndefined();
	expect(told).toEqual([]);
});

test('is given back at the end, unless it is lost', async () => {
	const release = jest.fn(async () => await Promise.resolve());
	await keep(release).keeping.finish();
	expect(release).toHaveBeenCalledTimes(1);
	const { keeping } = keep(release);
	meets = 'tokenRefused';
	await clock.pass(200 * SECOND);
	await keeping.finish();
	expect(release).toHaveBeenCalledTimes(1);
});
