/** Starts the program. @returns the exit status. */
export async function main(_argv: readonly string[]): Promise<number> {
  return 2;
}
