import { leaseRegistry } from '#dist/nodes/shared/leases/leaseRegistry';
import type { Executed } from '../../engine';
import type { BackupRecord } from '../../simulator/records';
import { DAY, MINUTE } from '../../time';
import { compareRestored, compareStored } from './compare';
import type { NightFile } from './files';
import { NightFiles } from './files';
import type { Night } from './night';
import type { NightParts } from './nightRunner';
import { NightRunner } from './nightRunner';
import type { NightPlan } from './plan';
import { NO_OUTAGES, planNight } from './plan';
import type { CompletedBackup } from './retention';
import { isOldRemnant, keptOf } from './retention';

/** The share of the nights after which a backup is restored. */
const RESTORE_RATE = 0.3;

/** Milliseconds that a lock lives without a renewal. */
const LOCK_LIFE = 10 * MINUTE;

/** Four renewals are sent in so many milliseconds. */
const LONGEST_WITHOUT_RENEWAL = 2 * MINUTE;

const COMPLETED = 1;

/** A completed backup, and what must be in it. */
interface Backup extends CompletedBackup {
	files: readonly NightFile[];
}

/** Nights of backups, and what must hold after each of them. */
export class BackupSoak {
	/** What didn't hold, each with its night. */
	readonly problems: string[] = [];

	readonly counts = {
		'nights with a completed backup': 0,
		'nights that were stopped': 0,
		'nights that were stopped after the backup was completed': 0,
		'nights that failed': 0,
		'files compared byte for byte': 0,
		'backups restored': 0,
		'restores that were stopped': 0,
		'backups deleted': 0,
		'incomplete records left': 0,
		'locks left to expire': 0,
	};

	/** Those that haven't been deleted. */
	private backups: Backup[] = [];

	private readonly leftLocks = new Set<string>();

	private nightNumber = 0;

	private readonly files: NightFiles;

	private readonly runner: NightRunner;

	/** @param random decides what the nights consist of */
	constructor(
		private readonly parts: NightParts,
		private readonly random: () => number,
	) {
		this.files = new NightFiles(random);
		this.runner = new NightRunner(parts);
	}

	/** Backs up, deletes old backups, and sometimes restores one. */
	async night(): Promise<void> {
		const { drive } = this.parts;
		const { clock, locks } = drive.simulator;
		this.nightNumber++;
		const began = clock.now();
		drive.changeFaultRate();
		await this.backUp(this.files.next());
		const backup = this.backups[Math.floor(this.random() * this.backups.length)];
		if (backup !== undefined && this.random() < RESTORE_RATE) {
			await this.restore(backup, planNight(this.random));
		}
		clock.advance(LOCK_LIFE);
		this.requireThat(locks.alive.length === 0, 'a lock is alive ten minutes later');
		clock.advance(began + DAY - clock.now());
	}

	/** Deletes, two days later, what was left incomplete, and restores all that is kept. */
	async finish(): Promise<void> {
		const { drive, workflows } = this.parts;
		drive.simulator.clock.advance(2 * DAY);
		const began = drive.simulator.clock.now();
		await this.runner.run(workflows.deleteOld(), NO_OUTAGES, async (executed, night) => {
			const { status } = executed.run;
			this.requireThat(status === 'success', `Delete Old: ${errorIn(executed)}`);
			this.checkCleanup(executed, began);
			this.checkEnd(night);
		});
		const incomplete = this.records.filter(({ status }) => status !== COMPLETED);
		this.requireThat(incomplete.length === 0, `${incomplete.length} incomplete records are left`);
		for (const backup of this.backups) await this.restore(backup, NO_OUTAGES);
		drive.simulator.clock.advance(LOCK_LIFE);
		const { alive } = drive.simulator.locks;
		this.requireThat(alive.length === 0, `${alive.length} locks are alive at the end`);
	}

	private get records(): BackupRecord[] {
		return [...this.parts.drive.simulator.records.records.values()];
	}

	private async backUp(files: readonly NightFile[]): Promise<void> {
		const { drive, workflows } = this.parts;
		const began = drive.simulator.clock.now();
		const known = new Set(this.records.map(({ recordId }) => recordId));
		const workflow = workflows.night(files, 1 + Math.floor(this.random() * 6));
		await this.runner.run(workflow, planNight(this.random), async (executed, night) => {
			const created = this.records.filter(({ recordId }) => !known.has(recordId));
			const completed = created.filter(({ status }) => status === COMPLETED);
			for (const record of completed) await this.checkBackup(record, files);
			for (const { recordId, status } of created) {
				if (status === COMPLETED) continue;
				this.count('incomplete records left', night.explainsLeft('record', recordId), recordId);
			}
			this.requireThat(completed.length <= 1, `${completed.length} records were completed`);
			this.checkOutcome(executed, night, completed.length > 0);
			this.checkCleanup(executed, began);
			this.checkEnd(night);
		});
	}

	private async restore({ recordId, files }: Backup, plan: NightPlan): Promise<void> {
		const latest = this.backups.at(-1)!.recordId;
		const workflow = this.parts.workflows.restore(recordId === latest ? undefined : recordId);
		await this.runner.run(workflow, plan, async (executed, night) => {
			this.checkEnd(night);
			if (executed.run.status === 'canceled') {
				this.count('restores that were stopped', night.wasStopped);
				return;
			}
			const differences = await compareRestored(executed, files);
			this.requireThat(executed.run.status === 'success', `not restored: ${errorIn(executed)}`);
			this.report(differences, `the restored backup ${recordId}`);
			this.counts['backups restored']++;
			this.counts['files compared byte for byte'] += files.length;
		});
	}

	private async checkBackup(
		{ recordId, createTime }: BackupRecord,
		files: readonly NightFile[],
	): Promise<void> {
		this.report(
			await compareStored(this.parts.drive.simulator, recordId, files),
			`the completed backup ${recordId}`,
		);
		this.counts['nights with a completed backup']++;
		this.counts['files compared byte for byte'] += files.length;
		this.backups.push({ recordId, time: Date.parse(createTime), files });
	}

	private checkOutcome(executed: Executed, night: Night, isCompleted: boolean): void {
		const { status } = executed.run;
		if (status === 'success') {
			this.requireThat(isCompleted, 'the workflow succeeded without a completed backup');
		} else if (status === 'canceled') {
			this.count('nights that were stopped', night.wasStopped);
			if (isCompleted) this.counts['nights that were stopped after the backup was completed']++;
		} else {
			const { hasUnreadableFile } = this.parts.workflows;
			this.count('nights that failed', hasUnreadableFile && !isCompleted, errorIn(executed));
		}
	}

	/** @param began when the workflow began: milliseconds since the Unix epoch */
	private checkCleanup({ run: { status } }: Executed, began: number): void {
		const ids = new Set(this.records.map(({ recordId }) => recordId));
		const kept = keptOf(this.backups);
		for (const { recordId } of kept) {
			this.requireThat(ids.has(recordId), `record ${recordId} should have been kept`);
		}
		const left = this.backups.filter(({ recordId }) => ids.has(recordId));
		this.counts['backups deleted'] += this.backups.length - left.length;
		this.backups = left;
		if (status !== 'success') return;
		this.requireThat(
			left.length === kept.length,
			`${left.length} backups are left instead of ${kept.length}`,
		);
		const old = this.records.filter(
			(record) => record.status !== COMPLETED && isOldRemnant(record.createTime, began),
		);
		this.requireThat(old.length === 0, `${old.length} old incomplete records weren't deleted`);
	}

	/** What may be left in n8n and on KooDrive after an execution. */
	private checkEnd(night: Night): void {
		const { drive, clock } = this.parts;
		for (const lockId of drive.simulator.locks.alive) {
			// Restore may follow before it has expired.
			if (this.leftLocks.has(lockId)) continue;
			this.leftLocks.add(lockId);
			this.count('locks left to expire', night.explainsLeft('lock', lockId), lockId);
		}
		const { longestWithoutRenewal: gap } = night;
		this.requireThat(gap <= LONGEST_WITHOUT_RENEWAL, `a lock wasn't renewed for ${gap} ms`);
		const { leases } = leaseRegistry.size;
		this.requireThat(leases === 0, `${leases} leases are left`);
		this.requireThat(clock.sleeping === 0, `${clock.sleeping} sleeps are pending`);
	}

	private count(what: keyof BackupSoak['counts'], isExpected: boolean, detail = ''): void {
		this.counts[what]++;
		this.requireThat(isExpected, `without a reason: ${what} ${detail}`);
	}

	private report(differences: string[], where: string): void {
		for (const difference of differences) this.requireThat(false, `${where}: ${difference}`);
	}

	private requireThat(holds: boolean, problem: string): void {
		if (holds) return;
		this.problems.push(`night ${this.nightNumber}: ${problem}`);
		console.log(`  ${this.problems.at(-1)}`);
	}
}

function errorIn({ run }: Executed): string {
	const { error } = run.data.resultData;
	return error === undefined ? run.status : `${error.message} ${error.description ?? ''}`;
}
