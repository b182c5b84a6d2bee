import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

/*
 * Small stand-ins for n8n's own nodes in the examples. The real ones bring hundreds of packages with them. The
 * end-to-end tests run the same examples with the real nodes.
 */

type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

function standIn(
	name: string,
	parameters: string[],
	execute: Execute,
	{ inputs = ['main'], outputs = ['main'], ...more }: Partial<INodeTypeDescription> = {},
): INodeType {
	const description = {
		displayName: name,
		name,
		group: ['transform'],
		version: [1, 1.1, 1.2, 2, 2.1, 2.2, 3, 3.4, 4.2],
		description: `Stands in for n8n's ${name}`,
		defaults: { name },
		inputs,
		outputs,
		...more,
		properties: parameters.map((parameter) => ({
			displayName: parameter,
			name: parameter,
			type: 'json',
			default: '',
		})),
	} as unknown as INodeTypeDescription;
	return { description, execute };
}

const passOn: Execute = async function () {
	return [this.getInputData()];
};

const start: Execute = async function () {
	return [[{ json: {} }]];
};

const setFields: Execute = async function () {
	return [
		this.getInputData().map(({ json }, item) => {
			const { assignments } = this.getNodeParameter('assignments', item) as {
				assignments: Array<{ name: string; value: unknown }>;
			};
			const keep = this.getNodeParameter('includeOtherFields', item, false) === true ? json : {};
			const fields = Object.fromEntries(assignments.map(({ name, value }) => [name, value]));
			return { json: { ...keep, ...fields } as IDataObject, pairedItem: { item } };
		}),
	];
};

const splitOut: Execute = async function () {
	const field = this.getNodeParameter('fieldToSplitOut', 0) as string;
	return [
		this.getInputData().flatMap(({ json }, item) =>
			(json[field] as unknown[]).map((value) => ({
				json: { [field]: value } as IDataObject,
				pairedItem: { item },
			})),
		),
	];
};

/** Judges a condition, one expression for each item. */
const judge: Execute = async function () {
	const outputs: INodeExecutionData[][] = [[], []];
	this.getInputData().forEach(({ json, binary }, item) => {
		const { conditions } = this.getNodeParameter('conditions', item) as {
			conditions: Array<{ leftValue: unknown }>;
		};
		const isTrue = conditions.every(({ leftValue }) => leftValue === true);
		outputs[isTrue ? 0 : 1]!.push({ json, ...(binary && { binary }), pairedItem: { item } });
	});
	return outputs;
};

/** Reads the files of a folder, or writes the file of each item. */
const readOrWriteFiles: Execute = async function () {
	if (this.getNodeParameter('operation', 0) === 'write') {
		for (const item of this.getInputData().keys()) {
			const path = this.getNodeParameter('fileName', item) as string;
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, await this.helpers.getBinaryDataBuffer(item, 'data'));
		}
		return [this.getInputData()];
	}
	const folder = (this.getNodeParameter('fileSelector', 0) as string).replace('/**/*', '');
	const files = readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((file) => file.isFile())
		.map(async (file): Promise<INodeExecutionData> => {
			const path = join(file.parentPath, file.name);
			const data = await this.helpers.prepareBinaryData(readFileSync(path), path);
			return { json: {}, binary: { data }, pairedItem: { item: 0 } };
		});
	return [await Promise.all(files)];
};

const convertToFile: Execute = async function () {
	const { fileName } = this.getNodeParameter('options', 0) as { fileName: string };
	const text = JSON.stringify(this.getInputData().map(({ json }) => json));
	const data = await this.helpers.prepareBinaryData(Buffer.from(text), fileName);
	return [[{ json: {}, binary: { data }, pairedItem: { item: 0 } }]];
};

/** Sends the request with the KooDrive API credential, and returns the response, whatever its status. */
const request: Execute = async function () {
	const response = await this.helpers.httpRequestWithAuthentication.call(this, 'kooDriveApi', {
		url: this.getNodeParameter('url', 0) as string,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
	});
	const { body, statusCode } = response as { body: IDataObject; statusCode: number };
	return [[{ json: { body, statusCode }, pairedItem: { item: 0 } }]];
};

/** Not a node of n8n: passes on the items of a test. */
const items: Execute = async function () {
	const given = this.getNodeParameter('items', 0) as IDataObject[];
	return [given.map((json) => ({ json, pairedItem: { item: 0 } }))];
};

/** Sends nothing, and returns what it would send. */
const send: Execute = async function () {
	const [subject, text] = ['subject', 'text'].map((name) => this.getNodeParameter(name, 0));
	return [[{ json: { subject, text } as IDataObject, pairedItem: { item: 0 } }]];
};

const stopAndError: Execute = async function () {
	throw new NodeOperationError(this.getNode(), this.getNodeParameter('errorMessage', 0) as string);
};

/** The stand-ins, by the type names of n8n's own nodes. */
export const standIns: Record<string, INodeType> = {
	'n8n-nodes-base.manualTrigger': standIn('manualTrigger', [], start, { inputs: [] }),
	// By this function, the engine recognizes a node that a workflow can begin with.
	'n8n-nodes-base.scheduleTrigger': {
		...standIn('scheduleTrigger', [], start, { inputs: [] }),
		trigger: async () => ({}),
	},
	'n8n-nodes-base.noOp': standIn('noOp', [], passOn),
	'n8n-nodes-base.wait': standIn('wait', [], passOn),
	'n8n-nodes-base.stickyNote': standIn('stickyNote', [], passOn, { inputs: [] }),
	'n8n-nodes-base.set': standIn('set', ['assignments', 'includeOtherFields'], setFields),
	'n8n-nodes-base.splitOut': standIn('splitOut', ['fieldToSplitOut'], splitOut),
	'test.items': standIn('items', ['items'], items),
	'n8n-nodes-base.executeWorkflowTrigger': standIn('executeWorkflowTrigger', [], start, {
		inputs: [],
	}),
	'n8n-nodes-base.errorTrigger': standIn('errorTrigger', [], start, { inputs: [] }),
	'n8n-nodes-base.emailSend': standIn('emailSend', ['subject', 'text'], send),
	'n8n-nodes-base.if': standIn('if', ['conditions'], judge, { outputs: ['main', 'main'] }),
	'n8n-nodes-base.readWriteFile': standIn(
		'readWriteFile',
		['operation', 'fileSelector', 'fileName'],
		readOrWriteFiles,
	),
	'n8n-nodes-base.convertToFile': standIn('convertToFile', ['options'], convertToFile),
	'n8n-nodes-base.httpRequest': standIn('httpRequest', ['url'], request, {
		credentials: [{ name: 'kooDriveApi' }],
	}),
	'n8n-nodes-base.stopAndError': standIn('stopAndError', ['errorMessage'], stopAndError),
};
