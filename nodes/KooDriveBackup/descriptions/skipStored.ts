import type { INodeProperties } from 'n8n-workflow';

/** Whether KooDrive takes content from its own storage. Source: "Creating File Metadata", response `rapidUpload`. */
export const skipStoredOption: INodeProperties = {
	displayName: 'Skip Stored Content',
	name: 'alreadyStored',
	type: 'boolean',
	default: true,
	description:
		'Whether to send only content that KooDrive does not store yet. The backup contains the file in either case.',
};
