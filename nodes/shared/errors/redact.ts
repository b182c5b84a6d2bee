// Anything shorter isn't a secret of KooDrive's, and removing it would damage ordinary text.
const SHORTEST_SECRET = 8;

// Not that of a pre-signed link of the object store (X-Amz-Signature), which must stay as it is to be used.
const SIGNATURE = /((?<!X-Amz-)Signature(?:=|%3D))[0-9a-f]+/gi;

const LINK_SIGNATURE = /(X-Amz-Signature(?:=|%3D))[0-9a-f]+/gi;

/** Removes the signatures of pre-signed links from a text that is shown: anyone with such a link can use it. */
export function redactLinks(text: string): string {
	return text.replace(LINK_SIGNATURE, '$1***');
}

/** Removes the secrets from a text. */
export type Redact = (text: string) => string;

/**
 * Makes the function that removes the secrets of one credential, and any signature, from a text that came from
 * the server or the network, which may repeat them: as they are, percent-encoded or escaped for JSON.
 */
export function createRedactor(secrets: readonly string[]): Redact {
	const forms = new Set(
		secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(getWrittenForms),
	);
	// The longest first: one secret may be a part of another.
	const longestFirst = [...forms].sort((one, other) => other.length - one.length);
	return (text) =>
		longestFirst
			.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
			.replace(SIGNATURE, '$1***');
}

function getWrittenForms(secret: string): string[] {
	const encoded = encodeURIComponent(Buffer.from(secret).toString());
	const lowerCaseEncoded = encoded.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase());
	const escaped = JSON.stringify(secret).slice(1, -1);
	return [secret, encoded, lowerCaseEncoded, escaped, escaped.replaceAll('/', '\\/')];
}

/** @returns a copy of a JSON value without the secrets, in the names of members too */
export function redactJson(value: unknown, redact: Redact): unknown {
	if (typeof value === 'string') return redact(value);
	if (Array.isArray(value)) return value.map((entry) => redactJson(entry, redact));
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, member]) => [redact(name), redactJson(member, redact)]),
	);
}
