/** The parameters of one item, with their expressions resolved. */
export interface ItemParameters {
	/** @returns the value; `null` where the node has no such parameter */
	getParameter: (name: string) => unknown;
}
