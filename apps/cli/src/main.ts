#!/usr/bin/env node
/** The entry point of the bundle. Whatever fails ends here, in words and an exit code. */
import { endProcess } from './end-process.ts';
import { program } from './program.ts';
import { reportFailure } from './report-failure.ts';

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error, (text) => process.stderr.write(text));
}
await endProcess();
