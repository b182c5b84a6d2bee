import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

import type { Fault } from './faults';
import type { Reply } from './replies';
import { after, resetConnection } from './service';

/**
 * Does what a fault wants before the request is carried out.
 *
 * @returns whether that was all
 */
export function answerInstead(
	response: ServerResponse,
	headers: IncomingHttpHeaders,
	fault: Fault | undefined,
): boolean {
	switch (fault?.kind) {
		case 'answer':
			response.writeHead(fault.status, fault.headers);
			response.end(fault.body);
			return true;
		case 'echo':
			sendJson(response, fault.status, {
				error_code: 'APIG.0301',
				error_msg: `Unknown credential ${String(headers.authorization)}`,
			});
			return true;
		case 'resetBefore':
			resetConnection(response.socket);
			return true;
		default:
			return false;
	}
}

/**
 * Sends the answer to a request that was carried out, as far as a fault lets it.
 *
 * @param now by the service's clock: milliseconds since the Unix epoch
 */
export async function sendReply(
	response: ServerResponse,
	{ status, body }: Reply,
	fault: Fault | undefined,
	now: number,
): Promise<void> {
	switch (fault?.kind) {
		case 'silence':
			return;
		case 'resetDuring':
			return sendBeginning(response, status, body, () => resetConnection(response.socket));
		case 'cutOff':
			return sendBeginning(response, status, body, () => response.socket?.end());
		case 'drip':
			return await drip(response, status, body, fault.pause);
		case 'change':
			return sendJson(response, status, fault.change(body as Record<string, unknown>));
		case 'delay':
			await after(fault.milliseconds);
			break;
		case 'skewedDate':
			response.setHeader('Date', new Date(now + fault.milliseconds).toUTCString());
			break;
		case 'noDate':
			response.removeHeader('Date');
			response.sendDate = false;
			break;
	}
	sendJson(response, status, body);
}

function sendBeginning(
	response: ServerResponse,
	status: number,
	body: unknown,
	then: () => void,
): void {
	const text = JSON.stringify(body);
	response.writeHead(status, { 'Content-Length': Buffer.byteLength(text) });
	response.write(text.slice(0, 5), then);
}

async function drip(
	response: ServerResponse,
	status: number,
	body: unknown,
	pause: number,
): Promise<void> {
	const text = JSON.stringify(body);
	response.writeHead(status, { 'Content-Length': Buffer.byteLength(text) });
	for (const character of text) {
		if (response.destroyed) return;
		response.write(character);
		await after(pause);
	}
	response.end();
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, { 'Content-Type': 'application/json' });
	response.end(JSON.stringify(body));
}
