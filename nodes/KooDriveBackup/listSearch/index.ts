import { searchDevices } from './devices';
import { searchRecords } from './records';

/** What the "From List" fields of the node offer. n8n calls each by the name that the field's typeOptions give. */
export const listSearch = { searchDevices, searchRecords };
