/** Why a call failed, seen by what the user, and the next try, can do about it. */
export interface Reason {
	/** What happened, as the second half of a sentence. */
	what: string;
	/** What to do now. */
	hint: string;
	/** Whether another try can cure it. */
	retry: boolean;
	/** Whether KooDrive may have done what it was asked all the same. */
	mayBeDone: boolean;
	/** Whether the request found no KooDrive at all. */
	unreachable?: boolean;
}

const LASTS = 'If this lasts, ask the administrator of your KooDrive.';
const NETWORK = "Check the network between n8n and KooDrive, and the credential's Endpoint.";
const OPEN_CREDENTIAL = 'Open the KooDrive API credential';

/** Every way in which a call can fail. The documentation's table of errors follows this one. */
export const REASONS = {
	badInput: {
		what: 'its input is wrong',
		hint: 'Nothing was sent. Correct the field that is named above and run the step again.',
		retry: false,
		mayBeDone: false,
	},
	notSent: {
		what: 'n8n did not send the request',
		hint: `${OPEN_CREDENTIAL} and correct what is named above. If nothing is wrong there, n8n's own settings forbid the call.`,
		retry: false,
		mayBeDone: false,
	},
	stopped: {
		what: 'the execution was canceled',
		hint: 'Run the workflow again to go on.',
		retry: false,
		mayBeDone: true,
	},
	notTried: {
		what: 'it was not tried, because KooDrive could not be reached for many locks before it',
		hint: `${NETWORK} Then run the workflow again.`,
		retry: false,
		mayBeDone: false,
	},
	connectionRefused: {
		what: 'the connection was refused',
		hint: `KooDrive, or what stands at the Endpoint, takes no connections at the moment. ${NETWORK}`,
		retry: true,
		mayBeDone: false,
		unreachable: true,
	},
	connectionReset: {
		what: 'the connection broke off',
		hint: `${NETWORK} ${LASTS}`,
		retry: true,
		mayBeDone: true,
	},
	connectionFailed: {
		what: 'the connection failed',
		hint: `${NETWORK} ${LASTS}`,
		retry: true,
		mayBeDone: true,
	},
	hostUnreachable: {
		what: 'there is no way through the network to KooDrive',
		hint: NETWORK,
		retry: true,
		mayBeDone: false,
		unreachable: true,
	},
	connectTimedOut: {
		what: 'no connection came about in time',
		hint: `${NETWORK} A firewall that drops the connection looks like this too.`,
		retry: true,
		mayBeDone: false,
		unreachable: true,
	},
	timedOut: {
		what: 'KooDrive did not answer in time',
		hint: `If KooDrive is slow, raise the Timeout option of the node. ${NETWORK}`,
		retry: true,
		mayBeDone: true,
	},
	nameLookupFailed: {
		what: 'the name of the Endpoint could not be looked up at the moment',
		hint: "Check the network and the DNS of the machine that n8n runs on, and the credential's Endpoint.",
		retry: true,
		mayBeDone: false,
		unreachable: true,
	},
	nameNotFound: {
		what: 'the name of the Endpoint does not exist',
		hint: `${OPEN_CREDENTIAL} and look for a typing error in the Endpoint. If it is right, check the DNS of the machine that n8n runs on.`,
		retry: false,
		mayBeDone: false,
		unreachable: true,
	},
	certificateNotTrusted: {
		what: "n8n does not trust the Endpoint's certificate",
		hint: 'Check the Endpoint. If the carrier has a certificate authority of its own, make it known to n8n (environment variable NODE_EXTRA_CA_CERTS). The access token was not sent.',
		retry: false,
		mayBeDone: false,
		unreachable: true,
	},
	encryptionFailed: {
		what: 'no encrypted connection came about',
		hint: `The Endpoint does not speak https as n8n expects it. ${OPEN_CREDENTIAL} and check the Endpoint and its port.`,
		retry: false,
		mayBeDone: false,
		unreachable: true,
	},
	answerCutShort: {
		what: "KooDrive's answer was cut short",
		hint: `${NETWORK} ${LASTS}`,
		retry: true,
		mayBeDone: true,
	},
	redirected: {
		what: 'the Endpoint sent the request on to another address, which was not followed',
		hint: `Following it could hand the access token to somebody else. ${OPEN_CREDENTIAL} and enter the address of KooDrive itself as the Endpoint.`,
		retry: false,
		mayBeDone: false,
	},
	notKooDrive: {
		what: "the answer is not KooDrive's",
		hint: `Another server, a proxy or a sign-in page of the network answered. ${OPEN_CREDENTIAL} and check the Endpoint.`,
		retry: false,
		mayBeDone: true,
	},
	tokenRefused: {
		what: 'KooDrive refused the access token',
		hint: `A token dies after 20 minutes without a call. ${OPEN_CREDENTIAL} and enter a fresh Access Token. If that one is surely alive, check the User ID and try another Token Format.`,
		retry: false,
		mayBeDone: false,
	},
	signatureRefused: {
		what: 'KooDrive refused the signature',
		hint: `The App Secret, the App ID or the User ID is not right, or does not belong to the others. ${OPEN_CREDENTIAL} and enter all three again as the administrator of your KooDrive shows them. Check the clock of the machine that n8n runs on too.`,
		retry: false,
		mayBeDone: false,
	},
	clockOff: {
		what: "the clock of the machine that n8n runs on differs too much from KooDrive's",
		hint: 'Set that clock right, best by NTP. KooDrive refuses a request that is signed in its future or more than 15 minutes in its past.',
		retry: false,
		mayBeDone: false,
	},
	notAllowed: {
		what: 'KooDrive does not allow this user to do it',
		hint: "Check the credential's User ID, and ask the administrator of your KooDrive for the right to back up to this space.",
		retry: false,
		mayBeDone: false,
	},
	parameterRefused: {
		what: 'KooDrive found a parameter wrong',
		hint: 'Check the Lock ID: it must come unchanged from the step that created the lock. Check the User ID of the credential too.',
		retry: false,
		mayBeDone: false,
	},
	resourceMissing: {
		what: 'KooDrive does not know this lock any more',
		hint: 'It has expired (10 minutes after its last renewal), was released, or belongs to another user. Start the backup again to get a new lock, and renew that one at least every 4 minutes.',
		retry: false,
		mayBeDone: false,
	},
	spaceUnavailable: {
		what: "the user's space on KooDrive is missing or not active",
		hint: "Check the credential's User ID, and ask the administrator of your KooDrive to activate the space.",
		retry: false,
		mayBeDone: false,
	},
	spaceFull: {
		what: "the user's space on KooDrive is full",
		hint: 'Delete old backups, or ask the administrator of your KooDrive for more space.',
		retry: false,
		mayBeDone: false,
	},
	badRequest: {
		what: 'KooDrive refused the request and named no code',
		hint: `KooDrive answers like this to a wrong credential too. Check the Lock ID, then open the KooDrive API credential and enter a fresh Access Token (or the App Secret) and the User ID again.`,
		retry: false,
		mayBeDone: false,
	},
	pathMissing: {
		what: 'there is no backup service at the Endpoint',
		hint: `${OPEN_CREDENTIAL} and check the Endpoint: it must be KooDrive's own address, with nothing after the host name unless your carrier says so.`,
		retry: false,
		mayBeDone: false,
	},
	gatewayRefused: {
		what: 'the gateway in front of KooDrive refused the request',
		hint: `Check the credential's Endpoint. ${LASTS}`,
		retry: false,
		mayBeDone: false,
	},
	tooManyRequests: {
		what: 'KooDrive gets too many requests',
		hint: 'Lower the Max Concurrency option of the node, or renew less often: every 4 minutes is enough.',
		retry: true,
		mayBeDone: false,
	},
	unavailable: {
		what: 'KooDrive is not available at the moment',
		hint: `Nothing is wrong with the workflow. ${LASTS}`,
		retry: true,
		mayBeDone: false,
	},
	serverFailed: {
		what: 'KooDrive failed to answer the request',
		hint: `Nothing is wrong with the workflow. ${LASTS}`,
		retry: true,
		mayBeDone: true,
	},
	refused: {
		what: 'KooDrive refused the request',
		hint: `Look up the code in the KooDrive API Reference, "Error Codes". ${LASTS}`,
		retry: false,
		mayBeDone: false,
	},
	lockIdMissing: {
		what: 'KooDrive reported success but named no lock',
		hint: 'Run the step again. A lock without a name expires by itself after 10 minutes.',
		retry: false,
		mayBeDone: true,
	},
} as const satisfies Record<string, Reason>;

/** The key of a row of {@link REASONS}. */
export type ReasonName = keyof typeof REASONS;

/**
 * Looks up a row of the table of reasons.
 *
 * @param name the row's key
 * @returns the row
 */
export function reasonOf(name: ReasonName): Reason {
	return REASONS[name];
}
