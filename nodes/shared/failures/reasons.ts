/** Why a call failed, seen by what the user, and the next try, can do about it. */
export interface Reason {
	/** What happened, as the second half of a sentence. */
	what: string;
	/** What to do now. */
	hint: string;
	/** Whether another try can cure it. */
	retry: boolean;
	/** The most tries that are worth while, where that is fewer than the user allows. */
	mostTries?: number;
	/** Whether KooDrive may have done what it was asked all the same. */
	mayBeDone: boolean;
	/** Whether it only says that KooDrive is not there, and nothing of the call itself. */
	notThere?: boolean;
	/** Whether it was somebody else that answered in KooDrive's place, who may be gone soon. */
	notItsWord?: boolean;
	/** Whether a proxy between n8n and KooDrive would look like this, too. */
	proxyToo?: boolean;
}

const LASTS = 'If this lasts, ask the administrator of your KooDrive.';
const NETWORK = "Check the network between n8n and KooDrive, and the credential's Endpoint.";
const OPEN_CREDENTIAL = 'Open the KooDrive API credential';

/** Every way in which a call can fail, in words that fit any call. A node may have words of its own for some. */
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
		what: 'it was not tried, because nothing at the Endpoint could be reached',
		hint: `${NETWORK} Then run the workflow again.`,
		retry: false,
		mayBeDone: false,
	},
	connectionRefused: {
		what: 'the connection was refused',
		hint: `KooDrive, or what stands at the Endpoint, takes no connections at the moment. ${NETWORK}`,
		retry: true,
		mayBeDone: false,
		notThere: true,
		proxyToo: true,
	},
	connectionReset: {
		what: 'the connection broke off',
		hint: `${NETWORK} ${LASTS}`,
		retry: true,
		mayBeDone: true,
	},
	handshakeBroken: {
		what: 'the connection broke off before it was encrypted',
		hint: `${NETWORK} ${LASTS}`,
		retry: true,
		mayBeDone: false,
		notThere: true,
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
		notThere: true,
	},
	connectTimedOut: {
		what: 'no connection came about in time',
		hint: `${NETWORK} A firewall that drops the connection looks like this too.`,
		retry: true,
		mayBeDone: false,
		notThere: true,
	},
	timedOut: {
		what: 'KooDrive did not answer in time',
		hint: `If KooDrive is slow, raise the Timeout option of the node. ${NETWORK}`,
		retry: true,
		mayBeDone: true,
		notThere: true,
	},
	nameLookupFailed: {
		what: 'the name of the Endpoint could not be looked up at the moment',
		hint: "Check the network and the DNS of the machine that n8n runs on, and the credential's Endpoint.",
		retry: true,
		mayBeDone: false,
		notThere: true,
	},
	nameNotFound: {
		what: 'the name of the Endpoint does not exist',
		hint: `${OPEN_CREDENTIAL} and look for a typing error in the Endpoint. If it is right, check the DNS of the machine that n8n runs on.`,
		retry: true,
		// A name server that has lost its own connection may say so for some seconds; a typing error lasts.
		mostTries: 4,
		mayBeDone: false,
		notThere: true,
		proxyToo: true,
	},
	certificateNotTrusted: {
		what: "n8n does not trust the Endpoint's certificate",
		hint: 'Check the Endpoint. If the carrier has a certificate authority of its own, make it known to n8n (environment variable NODE_EXTRA_CA_CERTS). The access token was not sent.',
		retry: false,
		mayBeDone: false,
		notThere: true,
	},
	encryptionFailed: {
		what: 'no encrypted connection came about',
		hint: `The Endpoint does not speak https as n8n expects it. ${OPEN_CREDENTIAL} and check the Endpoint and its port.`,
		retry: true,
		// A server that restarts answers like this for a moment; one that speaks no https does so for ever.
		mostTries: 3,
		mayBeDone: false,
		notThere: true,
	},
	answerCutShort: {
		what: "KooDrive's answer was cut short",
		hint: `${NETWORK} ${LASTS}`,
		retry: true,
		mayBeDone: true,
	},
	answerTooLong: {
		what: 'the answer is longer than 1 MiB, which is as much as is read',
		hint: `Another server may have answered. ${OPEN_CREDENTIAL} and check the Endpoint.`,
		retry: false,
		mayBeDone: true,
		notItsWord: true,
	},
	redirected: {
		what: 'the Endpoint sent the request on to another address, which was not followed',
		hint: `Following it could hand the access token to somebody else. ${OPEN_CREDENTIAL} and enter the address of KooDrive itself as the Endpoint.`,
		retry: false,
		mayBeDone: false,
		notItsWord: true,
	},
	notKooDrive: {
		what: "the answer is not KooDrive's",
		hint: `Another server, a proxy, a firewall or a sign-in page of the network answered. ${OPEN_CREDENTIAL} and check the Endpoint; if it is right, ask whoever runs the network of n8n.`,
		retry: false,
		mayBeDone: true,
		notItsWord: true,
	},
	proxyRefused: {
		what: 'a proxy between n8n and KooDrive refused to pass the request on',
		hint: 'Check the proxy that n8n is set to use (environment variable HTTPS_PROXY), with its user name and password, or ask whoever runs the network of n8n.',
		retry: false,
		mayBeDone: false,
		notItsWord: true,
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
		hint: 'Check the fields of the node, and the User ID of the credential.',
		retry: false,
		mayBeDone: false,
	},
	resourceMissing: {
		what: 'KooDrive does not know what the request names',
		hint: 'It was deleted, or belongs to another user. Check the fields of the node, and the User ID of the credential.',
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
		hint: `KooDrive answers like this to a wrong credential too. Check the fields of the node, then open the KooDrive API credential and enter a fresh Access Token (or the App Secret) and the User ID again.`,
		retry: false,
		mayBeDone: false,
	},
	pathMissing: {
		what: 'there is no backup service at the Endpoint',
		hint: `${OPEN_CREDENTIAL} and check the Endpoint: it must be KooDrive's own address, with nothing after the host name unless your carrier says so.`,
		retry: false,
		mayBeDone: false,
		notItsWord: true,
	},
	gatewayRefused: {
		what: 'the gateway in front of KooDrive refused the request',
		hint: `Check the credential's Endpoint. ${LASTS}`,
		retry: false,
		mayBeDone: false,
	},
	tooManyRequests: {
		what: 'KooDrive gets too many requests',
		hint: 'Lower the Max Concurrency option of the node, or call KooDrive less often.',
		retry: true,
		mayBeDone: false,
	},
	unavailable: {
		what: 'KooDrive is not available at the moment',
		hint: `Nothing is wrong with the workflow. ${LASTS}`,
		retry: true,
		mayBeDone: false,
		notThere: true,
	},
	gatewayFailed: {
		what: 'the gateway in front of KooDrive got no answer from it',
		hint: `Nothing is wrong with the workflow. ${LASTS}`,
		retry: true,
		mayBeDone: true,
		notThere: true,
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
	answerIncomplete: {
		what: 'KooDrive reported success but left out what was asked for',
		hint: `Run the step again. ${LASTS}`,
		retry: false,
		mayBeDone: true,
	},
	pagesRepeated: {
		what: 'KooDrive named a page of the list that had been read already',
		hint: `Reading on would never end. Run the step again. ${LASTS}`,
		retry: false,
		mayBeDone: false,
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
