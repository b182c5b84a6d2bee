/**
 * KooDrive's file types by MIME type; what matches none is 45, "other".
 *
 * Source: KooDrive API Reference, "Creating File Metadata", field `fileType`. That a backup file has the same is
 * assumed.
 */
const FILE_TYPES: ReadonlyArray<readonly [pattern: RegExp, fileType: string]> = [
	[/^image\//, '15'],
	[/^video\//, '20'],
	[/^audio\//, '30'],
	[/msword|wordprocessing|opendocument\.text/, '26'],
	[/ms-excel|spreadsheet/, '27'],
	[/ms-powerpoint|presentation/, '28'],
	[/zip|tar|gzip|7z|rar|compress/, '35'],
	[/android\.package-archive|x-msdownload|x-apple-diskimage/, '40'],
];

/** @returns the file type of a MIME type */
export function toFileType(mimeType: string): string {
	return FILE_TYPES.find(([pattern]) => pattern.test(mimeType))?.[1] ?? '45';
}
