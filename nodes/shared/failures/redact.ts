// Anything shorter is no secret of KooDrive's, and taking it out would tear holes into ordinary words.
const SHORTEST_SECRET = 8;

const SIGNATURE = /(Signature(?:=|%3D))[0-9a-f]+/gi;

/** Takes the secrets out of a text. */
export type Redact = (text: string) => string;

/**
 * Makes the function that takes the secrets of one credential, and any signature, out of a text that came
 * from the server or the network, where they may be repeated: as they are, percent-encoded or escaped for JSON.
 *
 * @param secrets the values that must not show
 * @returns the function
 */
export function redactor(secrets: readonly string[]): Redact {
	const forms = new Set(
		secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(writtenForms),
	);
	// The longest first: one secret may be a part of another.
	const longestFirst = [...forms].sort((one, other) => other.length - one.length);
	return (text) =>
		longestFirst
			.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
			.replace(SIGNATURE, '$1***');
}

function writtenForms(secret: string): string[] {
	const encoded = encodeURIComponent(Buffer.from(secret).toString());
	const lowerCaseEncoded = encoded.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase());
	const escaped = JSON.stringify(secret).slice(1, -1);
	return [secret, encoded, lowerCaseEncoded, escaped, escaped.replaceAll('/', '\\/')];
}

/**
 * Takes the secrets out of a value that came as JSON, names of members included.
 *
 * @param value anything that JSON can hold
 * @param redact takes them out of a text
 * @returns a copy without them
 */
export function redactJson(value: unknown, redact: Redact): unknown {
	if (typeof value === 'string') return redact(value);
	if (Array.isArray(value)) return value.map((entry) => redactJson(entry, redact));
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, member]) => [redact(name), redactJson(member, redact)]),
	);
}
