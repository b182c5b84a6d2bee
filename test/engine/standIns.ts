import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';

/*
 * Small stand-ins for the nodes of n8n itself that the examples place around ours. n8n's own ones bring
 * hundreds of packages with them; the end-to-end tests run the same examples with those.
 */

type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

function standIn(
	name: string,
	parameters: string[],
	execute: Execute,
	inputs: string[] = ['main'],
): INodeType {
	const description = {
		displayName: name,
		name,
		group: ['transform'],
		version: [1, 1.1, 1.2, 2, 3, 3.4],
		description: `Stands in for n8n's ${name}`,
		defaults: { name },
		inputs,
		outputs: [NodeConnectionTypes.Main],
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

/** Not a node of n8n's: hands on the items that a test gave it. */
const items: Execute = async function () {
	const given = this.getNodeParameter('items', 0) as IDataObject[];
	return [given.map((json) => ({ json, pairedItem: { item: 0 } }))];
};

const stopAndError: Execute = async function () {
	throw new NodeOperationError(this.getNode(), this.getNodeParameter('errorMessage', 0) as string);
};

/** The stand-ins, by the names under which workflows know n8n's own nodes. */
export const standIns: Record<string, INodeType> = {
	'n8n-nodes-base.manualTrigger': standIn('manualTrigger', [], start, []),
	'n8n-nodes-base.scheduleTrigger': standIn('scheduleTrigger', [], start, []),
	'n8n-nodes-base.noOp': standIn('noOp', [], passOn),
	'n8n-nodes-base.wait': standIn('wait', [], passOn),
	'n8n-nodes-base.stickyNote': standIn('stickyNote', [], passOn, []),
	'n8n-nodes-base.set': standIn('set', ['assignments', 'includeOtherFields'], setFields),
	'n8n-nodes-base.splitOut': standIn('splitOut', ['fieldToSplitOut'], splitOut),
	'test.items': standIn('items', ['items'], items),
	'n8n-nodes-base.stopAndError': standIn('stopAndError', ['errorMessage'], stopAndError),
};
