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

/**
 * Whoever reads the output may have enough of it (`| head`), which is no failure, and nothing more is of use then. A command that
 * goes on all the same (servers), or has to say that its output broke off, listens itself.
 */
export function endWithReader(): void {
  const { stdout } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (stdout.listenerCount('error') > 1) return;
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
