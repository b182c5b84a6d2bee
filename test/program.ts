/** Runs a program of the tests, and exits with the code that it returns. */
export function runProgram(main: () => Promise<number | void>): void {
	main().then(
		(exitCode) => process.exit(exitCode ?? 0),
		(error: unknown) => {
			console.error(error);
			process.exit(1);
		},
	);
}
