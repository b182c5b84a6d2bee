import { PassThrough } from 'node:stream';

import { limitArrival } from '#dist/nodes/KooDriveBackup/transfer/arrival';

const MIB = 1024 * 1024;

/** A download whose time limit doesn't pass by itself. */
function download() {
	const body = new PassThrough().resume();
	let left = 60_000;
	const onBytes = jest.fn();
	const limit = {
		getTimeLeft: () => left,
		setTimeLeft: (milliseconds: number) => void (left = milliseconds),
	};
	limitArrival(body, limit, onBytes);
	return {
		onBytes,
		left: () => Math.round(left),
		/** Lets bytes arrive after milliseconds. */
		receive: (milliseconds: number, bytes: number) => {
			left -= milliseconds;
			body.push(Buffer.alloc(bytes));
		},
		end: () => body.push(null),
	};
}

test('allows a pause of a minute after each byte of a fast download', () => {
	const { receive, left, onBytes } = download();
	for (let second = 0; second < 120; second++) receive(1_000, MIB);
	expect(left()).toBe(60_000);
	receive(59_000, 4 * MIB);
	expect(left()).toBe(60_000);
	expect(onBytes).toHaveBeenCalledTimes(121);
});

test('ends a download that trickles when it has fallen a minute behind 64 KiB/s', () => {
	const { receive, left } = download();
	for (let second = 0; second < 60; second++) receive(1_000, 32 * 1024);
	expect(left()).toBe(30_000);
	for (let second = 0; second < 60; second++) receive(1_000, 32 * 1024);
	expect(left()).toBe(0);
});

test('allows time to store the file when all bytes have arrived', () => {
	const { receive, left, end } = download();
	receive(50_000, 64 * MIB);
	end();
	expect(left()).toBe(60_000 + 1_024_000);
});
