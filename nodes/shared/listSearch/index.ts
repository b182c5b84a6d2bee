import { searchDevices } from './devices';
import { searchCompletedRecords, searchRecords } from './records';

/** What the "From List" fields offer. n8n calls each by the name that the field's typeOptions give. */
export const listSearch = { searchDevices, searchRecords, searchCompletedRecords };
