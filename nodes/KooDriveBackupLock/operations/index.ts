import { create } from './create';
import type { Operation } from '../../shared/run/operation';
import { release } from './release';
import { renew } from './renew';

/** The operations of the node, in the order in which they are used. */
export const operations: readonly Operation[] = [create, renew, release];
