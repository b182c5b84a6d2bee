declare module 's3rver' {
	import type { Server } from 'node:http';
	import type { AddressInfo } from 'node:net';

	/** An S3 server for tests. */
	export default class S3rver {
		constructor(options: {
			address: string;
			port: number;
			silent: boolean;
			directory: string;
			configureBuckets: Array<{ name: string }>;
		});
		readonly httpServer: Server;
		run(): Promise<AddressInfo>;
		close(): Promise<void>;
	}
}
