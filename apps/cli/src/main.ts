#!/usr/bin/env node
/** The entry point of the bundle. Whatever fails ends here, in words and an exit code. */
import { endProcess, endWithReader } from './end-process.ts';
import { idsLast } from './ids-last.ts';
import { program } from './program.ts';
import { reportFailure } from './report-failure.ts';

endWithReader();
try {
  await program().parseAsync(idsLast(process.argv.slice(2)), { from: 'user' });
} catch (error) {
  process.exitCode = reportFailure(error, (text) => process.stderr.write(text));
}
await endProcess();
