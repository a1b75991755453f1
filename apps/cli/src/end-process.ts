/**
 * The end of the process, said and not waited for: a command that is done has nothing left to lose, and a socket or
 * timer that something has left behind must not keep a service manager waiting.
 */

/** Ends the process with `process.exitCode` when all that was written has gone out, or cannot go out any more. */
export async function endProcess(): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map(written));
  process.exit();
}

function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
