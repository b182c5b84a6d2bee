// Anything shorter is no secret of KooDrive's, and taking it out would tear holes into ordinary words.
const SHORTEST_SECRET = 8;

const SIGNATURE = /(Signature=)[0-9a-f]+/gi;

/** Takes the secrets out of a text. */
export type Redact = (text: string) => string;

/**
 * Makes the function that takes the secrets of one credential, and any signature, out of a text that came
 * from the server or the network, where they may be repeated.
 *
 * @param secrets the values that must not show
 * @returns the function
 */
export function redactor(secrets: readonly string[]): Redact {
	// The longest first: one secret may be a part of another.
	const longestFirst = secrets
		.filter((secret) => secret.length >= SHORTEST_SECRET)
		.sort((one, other) => other.length - one.length);
	return (text) =>
		longestFirst
			.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
			.replace(SIGNATURE, '$1***');
}
