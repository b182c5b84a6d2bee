import type { Operation } from '../../shared/run/operation';
import { create } from './create';
import { keepAlive } from './keepAlive';
import { release } from './release';
import { renew } from './renew';

/** The operations of the node, in the order in which the panel offers them. */
export const operations: readonly Operation[] = [create, renew, keepAlive, release];
