import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

import type { IDataObject, INodeType, VersionedNodeType } from 'n8n-workflow';

import type { Account } from '../simulator';

/**
 * Loads one of n8n's own nodes.
 *
 * @param modules the packages of the installed n8n
 * @param path of its folder; the last part is the name of its class
 */
export function loadNodeType(modules: string, path: string, version: number): INodeType {
	const name = basename(path);
	const load = createRequire(join(modules, 'n8n-nodes-base', 'package.json'));
	const loaded = load(`./dist/nodes/${path}/${name}.node.js`) as Record<
		string,
		new () => INodeType | VersionedNodeType
	>;
	const type = new loaded[name]!();
	return 'nodeVersions' in type ? type.getNodeType(version) : type;
}

/** The headers of KooDrive in the HTTP Request node, as a user would enter them. */
export function headerParameters(
	{ accessToken, userId }: Account,
	more: Record<string, string> = {},
): IDataObject {
	const headers = {
		Authorization: `Bearer+${accessToken}`,
		'X-User-Id': userId,
		'X-Date': `={{ $now.toUTC().toFormat("yyyyMMdd'T'HHmmss'Z'") }}`,
		...more,
	};
	const parameters = Object.entries(headers).map(([name, value]) => ({ name, value }));
	return { sendHeaders: true, headerParameters: { parameters } };
}
