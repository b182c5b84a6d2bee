/** The IDs of the records that Back Up is writing in this n8n process. Delete Old leaves them alone, however old they are. */
export const recordsBeingWritten = new Set<string>();
