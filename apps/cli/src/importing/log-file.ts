/** The store log of a file server as a file: what beside it an operator must know of, and what is wrong in it. */
import { existsSync, statSync } from 'node:fs';
import { LINE_FAULTS, readXftpLog, type XftpLog } from '@polyplex/store-transfer';
import { CliError } from '../report-failure.ts';
import { BadLines } from './bad-lines.ts';
import { readWhole } from './read-file.ts';

export interface ReadLog {
  readonly log: XftpLog;
  readonly bad: number;
  /** Of these, lines for want of which something may be missing. */
  readonly losing: number;
}

/** Throws `CliError`; tells bad lines on the standard error stream. `isInDatabase`: as the settings of the server say. */
export async function readLogFile(path: string, isInDatabase: boolean, signal: AbortSignal): Promise<ReadLog> {
  checkNeighbours(path, isInDatabase);
  const badLines = new BadLines(path);
  const log = await readWhole(path, 'reading the log', signal, (chunks) =>
    readXftpLog(chunks, (bad) => badLines.add(bad, `line ${String(bad.line)} ${LINE_FAULTS[bad.fault]}`)));
  badLines.tell();
  const { bad, losing } = badLines;
  return { log, bad, losing };
}

/** What the reference leaves beside its log (XFTP §5.8), and where the records are if not in it. */
function checkNeighbours(path: string, isInDatabase: boolean): void {
  if (existsSync(`${path}.start`)) {
    throw new CliError('FILES', `${path}.start is there: the old server was stopped while it wrote its log anew, and what it had is in that file.
Start the old server once more and stop it, or import with --log ${path}.start`);
  }
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) {
    if (existsSync(`${path}.bak`)) process.stderr.write(`${path}.bak is not read: it is what a start of the old server found unfinished, or older than its database.\n`);
    if (isInDatabase) process.stderr.write(`The old server kept its records in PostgreSQL: see that ${path} is from "xftp-server database export", just now.\n`);
    return;
  }
  const advice = isInDatabase || existsSync(`${path}.bak`)
    ? 'the old server keeps its records in PostgreSQL: write them to the log by "xftp-server database export"'
    : 'it is file-server-store.log in the data folder of the old server, /var/opt/simplex-xftp';
  throw new CliError('FILES', `${path} is not there; ${advice}`);
}
