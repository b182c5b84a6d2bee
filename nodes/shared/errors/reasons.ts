const DEFAULTS = {
	/** Whether another attempt can succeed. */
	retryable: false,
	/** Whether KooDrive may have carried out the request although it failed. */
	mayHaveExecuted: false,
};

/** Why a request failed, described by what the user and the next attempt can do about it. */
interface Row extends Partial<typeof DEFAULTS> {
	/** What happened, as the second half of a sentence. */
	message: string;
	/** What to do next. */
	description: string;
	/** The most attempts that are worthwhile, where that is fewer than the user allows. */
	maxAttempts?: number;
	/** Whether it only shows that KooDrive can't be reached, and says nothing about the request itself. */
	unreachable?: boolean;
	/** Whether something other than KooDrive responded, which may be temporary. */
	notFromKooDrive?: boolean;
	/** Whether a proxy between n8n and KooDrive can cause the same response. */
	mayBeProxy?: boolean;
}

const PERSISTS = 'If it happens again, contact your KooDrive administrator.';
const CHECK_NETWORK =
	"Check the network between n8n and KooDrive, and 'Endpoint' in the KooDrive API credential.";
const DNS_SETTINGS = 'the DNS settings of the machine or container that n8n runs on';
const CHECK_USER_ID = "Check 'User ID' in the KooDrive API credential";
const CHECK_FIELDS = "Check the fields of the node, and 'User ID' in the KooDrive API credential.";
const OPEN_CREDENTIAL = 'Open the KooDrive API credential';
const RUN_LATER = `The workflow is fine. Run it again later. ${PERSISTS}`;
const RUN_AGAIN = `Run the node again. ${PERSISTS}`;

/** Every way in which a request can fail, in texts for any request. An operation may have its own. */
export const REASONS = {
	invalidInput: {
		message: "a parameter isn't valid",
		description: 'Correct what the message names, and run the node again.',
	},
	notSent: {
		message: "the request couldn't be sent",
		description: `${OPEN_CREDENTIAL} and correct what the message names. If the credential is correct, n8n's own settings may block the request.`,
	},
	canceled: {
		message: 'the execution was canceled',
		description:
			"A user stopped it, or it took longer than the workflow's setting 'Timeout Workflow' allows. Run the workflow again to continue.",
		mayHaveExecuted: true,
	},
	skipped: {
		message: "it was skipped, because KooDrive couldn't be reached",
		description: `${CHECK_NETWORK} Then run the workflow again.`,
	},
	connectionRefused: {
		message: 'the connection was refused',
		description: `No server accepts connections at the host and port of 'Endpoint', or a firewall blocks them. ${CHECK_NETWORK}`,
		retryable: true,
		unreachable: true,
		mayBeProxy: true,
	},
	connectionReset: {
		message: 'the connection was reset',
		description: `${CHECK_NETWORK} ${PERSISTS}`,
		retryable: true,
		mayHaveExecuted: true,
	},
	tlsHandshakeReset: {
		message: 'the connection was closed during the TLS handshake',
		description: `${CHECK_NETWORK} ${PERSISTS}`,
		retryable: true,
		unreachable: true,
	},
	connectionFailed: {
		message: 'the connection failed',
		description: `${CHECK_NETWORK} ${PERSISTS}`,
		retryable: true,
		mayHaveExecuted: true,
	},
	hostUnreachable: {
		message: "the Endpoint's host is unreachable (no network route)",
		description: CHECK_NETWORK,
		retryable: true,
		unreachable: true,
	},
	connectTimeout: {
		message: 'connecting to KooDrive timed out',
		description: `${CHECK_NETWORK} A firewall may be dropping the connection.`,
		retryable: true,
		unreachable: true,
	},
	responseTimeout: {
		message: "waiting for KooDrive's response timed out",
		description: `If KooDrive is slow, increase 'Timeout' in the node's options. ${CHECK_NETWORK}`,
		retryable: true,
		mayHaveExecuted: true,
		unreachable: true,
	},
	dnsLookupFailed: {
		message: "the Endpoint's host name couldn't be resolved (DNS is temporarily unavailable)",
		description: `Check ${DNS_SETTINGS}.`,
		retryable: true,
		unreachable: true,
	},
	hostNotFound: {
		message: "the Endpoint's host name doesn't exist (DNS lookup)",
		description: `${OPEN_CREDENTIAL} and check 'Endpoint' for a typo. If it's correct, check ${DNS_SETTINGS}.`,
		retryable: true,
		// A DNS server that has lost its own connection says so for some seconds; a typo stays.
		maxAttempts: 4,
		unreachable: true,
		mayBeProxy: true,
	},
	certificateUntrusted: {
		message: "the Endpoint's TLS (SSL) certificate isn't trusted",
		description:
			"Check 'Endpoint' in the KooDrive API credential. If your carrier has its own certificate authority (CA), add its certificate to n8n with the environment variable NODE_EXTRA_CA_CERTS. The access token wasn't sent.",
		unreachable: true,
	},
	tlsFailed: {
		message: "a TLS (SSL) connection couldn't be established",
		description: `The server doesn't support https at this port, or supports only outdated TLS versions. ${OPEN_CREDENTIAL} and check 'Endpoint' and its port.`,
		retryable: true,
		// A server that restarts responds like this for a moment; one without https does so forever.
		maxAttempts: 3,
		unreachable: true,
	},
	responseTruncated: {
		message: "KooDrive's response was truncated",
		description: `${CHECK_NETWORK} ${PERSISTS}`,
		retryable: true,
		mayHaveExecuted: true,
	},
	responseTooLarge: {
		message: 'the response is larger than 1 MiB',
		description: `KooDrive's responses are smaller, so another server may have responded. ${OPEN_CREDENTIAL} and check 'Endpoint'.`,
		mayHaveExecuted: true,
		notFromKooDrive: true,
	},
	redirected: {
		message: "the server redirected the request, and redirects aren't followed",
		description: `A redirect could send the access token to another server. ${OPEN_CREDENTIAL} and set 'Endpoint' to KooDrive's own address.`,
		notFromKooDrive: true,
	},
	notKooDrive: {
		message: "the response isn't from KooDrive",
		description: `Another server, a proxy, a firewall, or the network's sign-in page responded. ${OPEN_CREDENTIAL} and check 'Endpoint'. If it's correct, contact your network administrator.`,
		mayHaveExecuted: true,
		notFromKooDrive: true,
	},
	proxyRejected: {
		message: 'a proxy between n8n and KooDrive rejected the request',
		description:
			'Check the proxy that n8n uses (environment variable HTTPS_PROXY), including its user name and password, or contact your network administrator.',
		notFromKooDrive: true,
	},
	tokenRejected: {
		message: 'KooDrive rejected the access token',
		description: `Access tokens expire after 20 minutes of inactivity. ${OPEN_CREDENTIAL} and enter a new token. If KooDrive rejects that one too, check 'User ID', then try another 'Token Format'.`,
	},
	signatureRejected: {
		message: 'KooDrive rejected the signature',
		description: `'App ID', 'App Secret', and 'User ID' must be correct and belong together. ${OPEN_CREDENTIAL} and enter all three again. Also check the clock of the machine that n8n runs on.`,
	},
	clockSkew: {
		message: 'the clock of the machine that n8n runs on is wrong (clock skew)',
		description:
			'Synchronize the clock, for example with NTP. KooDrive rejects requests that are dated in the future or more than 15 minutes in the past.',
	},
	forbidden: {
		message: 'KooDrive denied access, because the user lacks a permission',
		description: `${CHECK_USER_ID}, and ask your KooDrive administrator for permission to back up to this space.`,
	},
	parameterRejected: {
		message: 'KooDrive rejected a parameter',
		description: CHECK_FIELDS,
	},
	notFound: {
		message: "the requested resource doesn't exist",
		description: `It was deleted, or belongs to another user. ${CHECK_FIELDS}`,
	},
	spaceUnavailable: {
		message: "the user's KooDrive space doesn't exist or isn't active",
		description: `${CHECK_USER_ID}, and ask your KooDrive administrator to activate the space.`,
	},
	outOfSpace: {
		message: "the user's KooDrive space is full",
		description: 'Delete old backups, or ask your KooDrive administrator for more space.',
	},
	badRequest: {
		message: 'KooDrive rejected the request without giving a reason',
		description:
			"KooDrive also responds like this to an invalid credential. Check the fields of the node. Then open the KooDrive API credential and enter 'User ID' and a new access token (or 'App Secret') again.",
	},
	pathNotFound: {
		message: "KooDrive's backup service wasn't found at the Endpoint",
		description: `${OPEN_CREDENTIAL} and check 'Endpoint'. It must be KooDrive's own address, without a path unless your carrier requires one.`,
		notFromKooDrive: true,
	},
	gatewayRejected: {
		message: "KooDrive's API gateway rejected the request",
		description: `Check 'Endpoint' in the KooDrive API credential. ${PERSISTS}`,
	},
	rateLimited: {
		message: "KooDrive's rate limit was exceeded",
		description:
			"Lower 'Max Concurrency' in the node's options, or send fewer requests to KooDrive.",
		retryable: true,
	},
	unavailable: {
		message: 'KooDrive is temporarily unavailable',
		description: RUN_LATER,
		retryable: true,
		unreachable: true,
	},
	badGateway: {
		message: "KooDrive's gateway received no valid response (bad gateway)",
		description: RUN_LATER,
		retryable: true,
		mayHaveExecuted: true,
		unreachable: true,
	},
	serverError: {
		message: 'KooDrive reported an internal fault',
		description: RUN_LATER,
		retryable: true,
		mayHaveExecuted: true,
	},
	rejected: {
		message: 'KooDrive rejected the request',
		description: `Look up the code in the KooDrive API Reference, "Error Codes". ${PERSISTS}`,
	},
	responseIncomplete: {
		message: "KooDrive reported success, but its response doesn't contain the requested data",
		description: RUN_AGAIN,
		mayHaveExecuted: true,
	},
	recordNotCompleted: {
		message: "KooDrive accepted the completion, but the record doesn't show it",
		description:
			"Check the record with 'Get' of the resource 'Record'. If its status becomes 1, the backup is complete. Otherwise, run the node again.",
	},
	fileListIncomplete: {
		message: "KooDrive's list of the files of the backup is incomplete",
		description: RUN_AGAIN,
	},
	recordTimeInvalid: {
		message: "the creation time of a backup can't be read or is in the future",
		description:
			"None of the device's backups were deleted, because it isn't known which one is the newest. Check the record that the message names, and delete it with the resource 'Record' if it isn't needed. If all records look like this, contact your KooDrive administrator.",
	},
	pageRepeated: {
		message: 'KooDrive returned the same page of the list twice',
		description: `The node stopped, because the list would never end. ${RUN_AGAIN}`,
	},
	listEndless: {
		message: 'KooDrive returned page after page of the list without anything new',
		description: `The node stopped, because the list would never end. ${RUN_AGAIN}`,
	},
	uploadNotFound: {
		message: "the file's upload doesn't exist or has expired",
		description: 'Run the node again, so that the file is uploaded from the beginning.',
	},
	contentNotCheckable: {
		message: "KooDrive lists no size or no checksum, so the file couldn't be checked",
		description: `The file was downloaded, but it's unknown whether it's intact. ${PERSISTS}`,
	},
	checksumMismatch: {
		message: "the file's checksum (SHA-256) doesn't match",
		description:
			'The content was changed during the transfer or in the storage. Run the node again. If it happens again, check the network for proxies that change what they forward.',
	},
	stateNotChanged: {
		message: "KooDrive couldn't change the file's state",
		description: RUN_AGAIN,
		retryable: true,
		mayHaveExecuted: true,
	},
	duplicateFileName: {
		message: 'a file with this name already exists in the backup',
		description: "Set another 'File Name', or create a new record for the backup.",
	},
	transferRejected: {
		message: 'KooDrive rejected the transfer of the file',
		description: RUN_AGAIN,
	},
	fileNameRejected: {
		message: 'KooDrive rejected the file name',
		description:
			'A file name must have at most 250 characters and must not contain < > | : " * ? / or \\. Rename the file.',
	},
	fileTooLarge: {
		message: 'the file is larger than 200 GB, the maximum size of a file on KooDrive',
		description: 'Split the file into smaller ones and back up those.',
	},
	contentChanged: {
		message: 'the file changed during the upload',
		description:
			"The file isn't part of the backup. Run the node again when no other process writes to the file.",
	},
	contentUnreadable: {
		message: "n8n couldn't read the file's binary data",
		description:
			"Check that the execution's binary data still exists. In queue mode, all workers need the same binary data storage (environment variable N8N_DEFAULT_BINARY_DATA_MODE).",
	},
	contentNotStored: {
		message: "n8n couldn't store the file's binary data",
		description:
			"Check that n8n's binary data storage (environment variable N8N_DEFAULT_BINARY_DATA_MODE) has free space and that n8n may write to it.",
	},
	contentTooLarge: {
		message: "the file is too large for n8n's binary data mode",
		description:
			"In the mode 'database', n8n stores files of up to 512 MB, unless the environment variable N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE says otherwise; in memory, up to 400 MB. Set N8N_DEFAULT_BINARY_DATA_MODE to filesystem or s3.",
	},
	linkInsecure: {
		message: "KooDrive returned a link that doesn't use https",
		description:
			"The file wasn't transferred, because anyone on the network could read it. Contact your KooDrive administrator.",
	},
	linkExpired: {
		message: "KooDrive's object store rejected the transfer link, even a new one",
		description:
			'Check the clock of the machine that n8n runs on. If it is correct, contact your KooDrive administrator.',
	},
	storeRejected: {
		message: "KooDrive's object store rejected the transfer",
		description: RUN_AGAIN,
	},
	rangeRejected: {
		message: "KooDrive's object store couldn't resume the download",
		description: RUN_AGAIN,
	},
	storeUnreachable: {
		message: "the connection to KooDrive's object store failed",
		description: `KooDrive's files are on another host than 'Endpoint'. Allow n8n to connect to the host that the message names, and check the network and the firewall in between. ${PERSISTS}`,
		retryable: true,
		mayBeProxy: true,
	},
	storeUntrusted: {
		message: "the TLS (SSL) certificate of KooDrive's object store isn't trusted",
		description:
			'If your carrier or your network has its own certificate authority (CA), add its certificate to n8n with the environment variable NODE_EXTRA_CA_CERTS.',
	},
	storeUnavailable: {
		message: "KooDrive's object store is unavailable",
		description: RUN_LATER,
		retryable: true,
	},
} as const satisfies Record<string, Row>;

export type ReasonName = keyof typeof REASONS;

type Reason = Row & typeof DEFAULTS;

export function getReason(name: ReasonName): Reason {
	return { ...DEFAULTS, ...REASONS[name] };
}
