import { PARTS } from '#dist/nodes/KooDriveBackup/transfer/sendParts';
import { Engine } from '../engine';
import { useBinaryMode } from '../engine/files';
import { FakeClock } from '../engine/fakeClock';
import { SimulatedClock } from '../simulator/clock';
import type { SoakOptions } from '.';
import { BackupSoak } from './nights/backupSoak';
import { PART_SIZE } from './nights/files';
import { MemoryTrend } from './nights/memory';
import { withUnreliableStorage } from './nights/unreliableStorage';
import { Workflows } from './nights/workflows';
import { generator, UnreliableKooDrive } from './unreliable';

/** When the first night begins; the others follow every 24 hours. */
const FIRST_NIGHT = Date.UTC(2026, 0, 1, 2);

/**
 * A workflow that backs up a changing set of files and deletes old backups, every night on fast and slow lines, with
 * outages, stalls, expired links, lost responses, a storage of n8n's that fails, and stops in the middle.
 *
 * @returns whether every completed backup was complete, every other night was stopped or had a file that couldn't be
 * read, and nothing was left
 */
export async function nights({ random, nights: count }: SoakOptions): Promise<boolean> {
	// What the nights consist of doesn't depend on the order of their requests.
	const forRequests = generator(random());
	const drive = await UnreliableKooDrive.start(new SimulatedClock(0), forRequests);
	const { simulator } = drive;
	simulator.clock.set(FIRST_NIGHT);
	simulator.store.keeps = 'disk';
	PARTS.size = simulator.files.smallestPart = PART_SIZE;
	await useBinaryMode('filesystem');
	const clock = new FakeClock(simulator.clock);
	clock.random = forRequests;
	const engine = await Engine.load();
	await engine.useClock(clock);
	const { deviceId } = simulator.devices.bind('n8n', 'server-1', 'Linux');
	const workflows = new Workflows(engine, deviceId, clock, (helpers) =>
		withUnreliableStorage(helpers, forRequests, (isFinal) => {
			drive.count(isFinal ? "n8n's storage failed for good" : "n8n's storage failed");
			if (isFinal) workflows.hasUnreadableFile = true;
		}),
	);
	const soak = new BackupSoak({ drive, engine, clock, workflows, random: forRequests }, random);
	const memory = new MemoryTrend();
	const started = Date.now();
	for (let night = 1; night <= count; night++) {
		await soak.night();
		memory.measure();
		if (night % 10 !== 0) continue;
		const seconds = Math.round((Date.now() - started) / 1000);
		const completed = soak.counts['nights with a completed backup'];
		console.log(`  night ${night}: ${completed} completed backups (${seconds} s)`);
	}
	await soak.finish();
	await simulator.stop();
	for (const [what, times] of Object.entries(soak.counts)) drive.count(what, times);
	console.log(drive.toString());
	console.log(memory.toString());
	return soak.problems.length === 0 && memory.isFlat;
}
