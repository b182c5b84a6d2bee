/** What n8n's records show of an execution: that it sleeps, is under way, has ended, or nothing at all. */
export type ExecutionRecord = 'asleep' | 'underWay' | 'ended' | 'none';

/** An execution of a workflow, as far as it matters to what is kept alive for it. */
export interface Execution {
	id: string;
	/** Has n8n call the handler when the execution ends. It may be called twice; after a sleep it is never called. */
	onFinish: (handler: () => Promise<void>) => void;
	/** Looks the execution up in n8n's records. */
	lookUp: () => Promise<ExecutionRecord>;
}
