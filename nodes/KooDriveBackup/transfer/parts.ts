import type { Part } from '../../shared/api/files';
import { MAX_PARTS } from '../../shared/api/files';

const MIB = 1024 * 1024;

/** Bytes of a part, chosen for memory and speed; KooDrive takes parts of 5 MiB to 5 GiB. */
export const PART_SIZE = 16 * MIB;

/** How a file is cut for its upload; parts are counted from 1. */
export interface PartPlan {
	length: number;
	/** Bytes of every part but the last. */
	partSize: number;
	count: number;
}

/**
 * @param length of the file, in bytes
 * @returns parts of 16 MiB, or larger ones, in whole MiB, where there would be more than 10,000 of them. An empty file
 * has one empty part (assumed: the last part may be empty).
 */
export function planParts(length: number): PartPlan {
	const partSize = Math.max(PART_SIZE, Math.ceil(length / MAX_PARTS / MIB) * MIB);
	return { length, partSize, count: Math.max(1, Math.ceil(length / partSize)) };
}

/** @returns the bytes of a part */
export function getPartSize({ length, partSize, count }: PartPlan, partNumber: number): number {
	return partNumber < count ? partSize : length - partSize * (count - 1);
}

/** @returns the parts from one on, so many at most */
export function listParts(plan: PartPlan, first: number, most: number): Part[] {
	const last = Math.min(plan.count, first + most - 1);
	return Array.from({ length: last - first + 1 }, (_, index) => {
		const partNumber = first + index;
		return { partNumber, partSize: getPartSize(plan, partNumber) };
	});
}
