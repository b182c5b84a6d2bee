import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IDataObject } from 'n8n-workflow';

/** What the model is told of a tool. */
export interface OfferedTool {
	name: string;
	description: string;
	parameters: { properties: Record<string, { description?: string }>; required?: string[] };
}

/** A tool that the model uses, and what it passes to it. */
export interface ToolUse {
	/** A part of the tool's name. */
	tool: string;
	parameters: IDataObject;
}

interface ChatRequest {
	stream?: boolean;
	messages: Array<{ role: string; content: unknown }>;
	tools?: Array<{ function: OfferedTool }>;
}

/** A model that speaks OpenAI's chat completions on loopback, and uses tools as it is told by a test. */
export class ChatModel {
	/** The tools that it was offered, by the last request. */
	tools: OfferedTool[] = [];

	/** What the tools returned. */
	results: string[] = [];

	private uses: ToolUse[] = [];

	private readonly server: Server;

	constructor() {
		this.server = createServer((request, response) => void this.respond(request, response));
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
	}

	async start(): Promise<this> {
		await once(this.server.listen(0, '127.0.0.1'), 'listening');
		return this;
	}

	stop(): void {
		this.server.closeAllConnections();
		this.server.close();
	}

	/** Uses these tools one after the other, then says that it is done. */
	willUse(...uses: ToolUse[]): void {
		this.uses = uses;
		this.results = [];
	}

	private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const chat = JSON.parse(Buffer.concat(chunks).toString()) as ChatRequest;
		this.tools = (chat.tools ?? []).map((tool) => tool.function);
		this.results = chat.messages
			.filter(({ role }) => role === 'tool')
			.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content)));
		const use = this.uses.shift();
		const message =
			use === undefined
				? { role: 'assistant', content: 'Done.' }
				: { role: 'assistant', content: null, tool_calls: [this.toCall(use)] };
		const finish = use === undefined ? 'stop' : 'tool_calls';
		const common = { id: 'chat', created: 1, model: 'stub' };
		if (chat.stream !== true) {
			const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
			const choices = [{ index: 0, message, finish_reason: finish }];
			response.setHeader('Content-Type', 'application/json');
			response.end(JSON.stringify({ ...common, object: 'chat.completion', choices, usage }));
			return;
		}
		response.setHeader('Content-Type', 'text/event-stream');
		for (const choice of [
			{ index: 0, delta: message, finish_reason: null },
			{ index: 0, delta: {}, finish_reason: finish },
		]) {
			const event = { ...common, object: 'chat.completion.chunk', choices: [choice] };
			response.write(`data: ${JSON.stringify(event)}\n\n`);
		}
		response.end('data: [DONE]\n\n');
	}

	private toCall({ tool, parameters }: ToolUse): object {
		const offered = this.tools.find(({ name }) => name.includes(tool));
		if (offered === undefined) throw new Error(`no tool ${tool}`);
		const call = { name: offered.name, arguments: JSON.stringify(parameters) };
		return { index: 0, id: `call-${this.results.length}`, type: 'function', function: call };
	}
}
