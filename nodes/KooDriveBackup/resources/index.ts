import type { Resource } from '../../shared/execution/operation';
import { backup } from './backup';
import { device } from './device';
import { file } from './file';
import { record } from './record';

/** The resources of the node; the first is that of a new node. */
export const resources: readonly Resource[] = [backup, record, file, device];
