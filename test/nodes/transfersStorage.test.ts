import { Readable } from 'node:stream';

import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';

import { bytes } from '../engine/files';
import { faults } from '../simulator';
import { until } from '../until';
import {
	expectBackup,
	expectNothingLeft,
	expectRestored,
	explanationOf,
	MIB,
	outcomeOf,
	useTransfers,
} from './transfers';

/* n8n's storage that stalls, fails, or returns something else. */

const transfers = useTransfers();
const { drive, backUp, restore, start, seconds } = transfers;

/** The second reading of the large file is for its parts. */
const files = [
	{ content: bytes(2 * MIB + 1), name: 'large' },
	{ content: bytes(9, 2), name: 'small' },
];

const service = () => Container.get(BinaryDataService);

/** What the storage returns, by how many times it was read before. */
function onRead(read: (time: number, original: Readable) => Readable): void {
	const original = service().getAsStream.bind(service());
	let times = 0;
	jest
		.spyOn(service(), 'getAsStream')
		.mockImplementation(async (...given) => read(times++, await original(...given)));
}

type Fail = () => Promise<never>;

/** Reads a stream of n8n's storage, and fails after so many bytes. */
function cut(original: Readable, bytesBefore: number, fail: Fail): Readable {
	async function* read(): AsyncGenerator<Buffer> {
		let left = bytesBefore;
		for await (const chunk of original) {
			if (left <= 0) await fail();
			yield (chunk as Buffer).subarray(0, left);
			left -= (chunk as Buffer).length;
		}
	}
	const stream = Readable.from(read());
	// It isn't destroyed with a generator that waits.
	const destroy = stream.destroy.bind(stream);
	stream.destroy = (error) => {
		original.destroy();
		return destroy(error);
	};
	return stream;
}

const stalled = (bytesBefore: number) => (original: Readable) =>
	cut(original, bytesBefore, async () => await new Promise(() => undefined));
const failing = (bytesBefore: number) => (original: Readable) =>
	cut(original, bytesBefore, async () => {
		const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
		return await Promise.reject(error);
	});

const positions = [0, MIB / 2, 1.5 * MIB];

test.each(positions)(
	'fails within minutes if the storage stalls after %d bytes',
	async (position) => {
		onRead((_time, original) => stalled(position)(original));
		expect(explanationOf(await backUp([files[0]!]))).toMatch(/binary data/);
		expect(seconds()).toBeLessThan(8 * 60);
		expectNothingLeft(transfers);
	},
);

test.each(positions)(
	'fails within minutes if it stalls when parts are read, after %d bytes',
	async (position) => {
		onRead((time, original) => (time === 0 ? original : stalled(position)(original)));
		expect(explanationOf(await backUp([files[0]!]))).toMatch(/binary data/);
		expect(seconds()).toBeLessThan(10 * 60);
		expectNothingLeft(transfers);
	},
);

test.each([0, 1])(
	'survives one stall of the storage, when it is read for the time %d',
	async (time) => {
		onRead((times, original) => (times === time ? stalled(MIB / 2)(original) : original));
		expectBackup(await backUp([files[0]!]), [files[0]!], transfers);
	},
);

test.each([0, 1, 2])(
	'reads again after one ECONNRESET of the storage, at its reading %d',
	async (time) => {
		onRead((times, original) => (times === time ? failing(MIB / 2)(original) : original));
		expectBackup(await backUp(files), files, transfers);
	},
);

test('reads again after an ECONNRESET at each of several places', async () => {
	onRead((time, original) => failing((time + 1) * 0.5 * MIB)(original));
	expectBackup(await backUp([files[0]!]), [files[0]!], transfers);
});

test('closes every file that it opened, even where the storage fails before the store does', async () => {
	const opened: Readable[] = [];
	onRead((time, original) => {
		opened.push(original);
		return time === 1 ? failing(MIB / 2)(original) : original;
	});
	drive.simulator.store.failNext(faults.reset(MIB / 4));
	expectBackup(await backUp([files[0]!]), [files[0]!], transfers);
	await drive.clock.sleep(10_000);
	expect(opened.map(({ destroyed }) => destroyed)).toEqual(opened.map(() => true));
	expect(opened.length).toBeGreaterThan(2);
});

test('fails if the storage fails each time', async () => {
	onRead((_time, original) => failing(MIB / 2)(original));
	expect(explanationOf(await backUp(files))).toContain('read ECONNRESET');
	expectNothingLeft(transfers);
});

test.each<[string, () => void]>([
	[
		'opening it never ends',
		() => jest.spyOn(service(), 'getAsStream').mockReturnValue(new Promise(() => undefined)),
	],
	[
		'its length never comes',
		() => jest.spyOn(service(), 'getMetadata').mockReturnValue(new Promise(() => undefined)),
	],
])('fails within minutes if %s', async (_what, stall) => {
	stall();
	const outcome = outcomeOf(await backUp([files[0]!]));
	if (outcome !== 'success') expect(outcome).toMatch(/binary data/);
	expect(seconds()).toBeLessThan(8 * 60);
});

test.each([2 * MIB, 9])('fails if a file of %d bytes is shorter than n8n says', async (length) => {
	onRead((_time, original) => {
		async function* read(): AsyncGenerator<Buffer> {
			const chunks = (await original.toArray()) as Buffer[];
			yield Buffer.concat(chunks).subarray(0, -1);
		}
		return Readable.from(read());
	});
	expect(explanationOf(await backUp([{ content: bytes(length), name: 'a' }]))).toMatch(
		/binary data/,
	);
	expectNothingLeft(transfers);
});

test.each([NaN, -1, '2097153', null, 1e300])('takes %p as a length for none', async (fileSize) => {
	jest.spyOn(service(), 'getMetadata').mockResolvedValue({ fileSize } as never);
	expectBackup(await backUp(files), files, transfers);
});

describe('a stop', () => {
	let cancel: () => void;

	/** Runs an operation that {@link cancel} stops, and measures how long it takes to end after that. */
	const stop = async (operation: string) => {
		const given = operation === 'backUp' ? files : [];
		const execution = await start(given, { operation, source: 'latest' });
		let began = Infinity;
		cancel = () => {
			if (began < Infinity) return;
			began = performance.now();
			seconds();
			execution.cancel();
		};
		expect((await execution.finished).run.status).toBe('canceled');
		const { locks, records } = drive.simulator;
		await until('the lock is released', () => locks.alive.length === 0);
		expect([...records.records.values()].filter(({ status }) => status === 0)).toEqual([]);
		expect(seconds() + (performance.now() - began) / 1000).toBeLessThan(15);
	};

	test.each([0, 1])('ends a backup whose storage stalls at reading %d', async (time) => {
		onRead((times, original) => {
			if (times < time) return original;
			setImmediate(() => cancel());
			return stalled(0)(original);
		});
		await stop('backUp');
	});

	test('closes a file that n8n opens only then', async () => {
		const original = service().getAsStream.bind(service());
		let opened: Readable | undefined;
		jest.spyOn(service(), 'getAsStream').mockImplementation(async (...given) => {
			cancel();
			await new Promise((resolve) => setTimeout(resolve, 50));
			return (opened = await original(...given));
		});
		await stop('backUp');
		await until('the file is closed', () => opened?.destroyed === true);
	});

	test('ends a backup whose store stalls', async () => {
		drive.simulator.store.faultFor = () => {
			setImmediate(() => cancel());
			return faults.stall(MIB / 2);
		};
		await stop('backUp');
	});

	test('ends a restore whose storage stalls', async () => {
		await backUp(files);
		jest.spyOn(service(), 'store').mockImplementation(async () => {
			setImmediate(() => cancel());
			return await new Promise(() => undefined);
		});
		await stop('restore');
	});

	test('ends a restore whose store stalls', async () => {
		await backUp(files);
		drive.simulator.store.faultFor = () => {
			setImmediate(() => cancel());
			return faults.noResponse('stall');
		};
		await stop('restore');
	});
});

describe('while a restore is written, the storage', () => {
	type Store = BinaryDataService['store'];
	const onStore = (write: (...given: Parameters<Store>) => ReturnType<Store>) =>
		jest.spyOn(service(), 'store').mockImplementation(write);

	test.each<[string, (body: Readable) => Promise<unknown>]>([
		['takes no bytes', async () => await new Promise(() => undefined)],
		[
			'takes some bytes and no more',
			async (body) => {
				for await (const chunk of body) if ((chunk as Buffer).length > 0) break;
				await new Promise(() => undefined);
			},
		],
		[
			'takes all and never finishes',
			async (body) => {
				await body.toArray();
				await new Promise(() => undefined);
			},
		],
	])('%s: the node fails within minutes', async (_what, take) => {
		await backUp([files[0]!]);
		onStore(async (_location, body) => (await take(body as Readable)) as never);
		seconds();
		expect(explanationOf(await restore())).toMatch(/binary data/);
		expect(seconds()).toBeLessThan(10 * 60);
	});

	test('fails: the node says so, and downloads nothing again', async () => {
		await backUp([files[0]!]);
		onStore(async () => await Promise.reject(new Error('ENOSPC: no space left on device')));
		expect(explanationOf(await restore())).toContain('no space left');
		expect(transfers.sent('GET').length).toBeLessThanOrEqual(1);
	});

	test('stores fewer bytes than it got: the node says so', async () => {
		await backUp([files[0]!]);
		const original = service().store.bind(service());
		onStore(async (location, body, ...more) => {
			const all = Buffer.concat((await (body as Readable).toArray()) as Buffer[]);
			return await original(location, all.subarray(1), ...more);
		});
		expect(outcomeOf(await restore())).not.toBe('success');
	});

	test('takes its time for each chunk: the file arrives', async () => {
		await backUp([files[0]!]);
		const original = service().store.bind(service());
		onStore(async (location, body, ...more) => {
			async function* slowly(): AsyncGenerator<Buffer> {
				for await (const chunk of body as Readable) {
					await drive.clock.sleep(50_000);
					yield chunk as Buffer;
				}
			}
			return await original(location, Readable.from(slowly()), ...more);
		});
		await expectRestored(await restore(), [files[0]!]);
		expect(transfers.sent('GET')).toHaveLength(1);
	});
});
