/**
 * `polyplex file send`: encrypts and uploads a file, and writes the descriptions beside each other in a folder of their
 * own. While that goes on its state is in FILE.xftp.part, from which an interrupted sending goes on.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type FileSource, linkableDescription, sendFile, type SentFile } from '@polyplex/client';
import type { AddressText } from '@polyplex/protocol-common';
import { type FileDescription, fileLink } from '@polyplex/protocol-xftp';
import type { ConfigFlags } from '../config-options.ts';
import { sizeText } from '../moving/progress.ts';
import { CliError } from '../report-failure.ts';
import { fileFailure } from './file-failures.ts';
import { FileProgress } from './file-progress.ts';
import { outFolder } from './out-folder.ts';
import { serversToUse } from './servers-to-use.ts';
import { TransferFolder } from './transfer-folder.ts';
import { interruptibly, linesOptions, type TransferFlags } from './transfer-flags.ts';
import { pageLink } from './page-link.ts';
import { writeDescriptions, type WrittenDescriptions } from './write-descriptions.ts';

export interface SendFlags extends TransferFlags, ConfigFlags {
  readonly server: readonly AddressText[];
  readonly recipients: number;
  readonly out: string;
  readonly resume?: true;
  /** False for --no-links. */
  readonly links: boolean;
}

const PIECE_BYTES = 1024 * 1024;
const SOFT_LIMIT_BYTES = 1024 ** 3;

export async function send(file: string, flags: SendFlags): Promise<void> {
  const source = sourceOf(file);
  const out = resolve(flags.out);
  const statePath = join(out, `${source.name}.xftp.part`);
  checkState(statePath, flags.resume === true);
  // A state that goes on has its servers.
  const servers = flags.resume === true && flags.server.length === 0 ? [] : serversToUse(flags);
  if (source.size > SOFT_LIMIT_BYTES) process.stderr.write(`${file} is larger than 1 GiB: some apps do not receive such files.\n`);
  await interruptibly((signal) => run({ source, out, statePath, servers, flags, signal }));
}

interface Job {
  readonly source: FileSource;
  readonly out: string;
  readonly statePath: string;
  readonly servers: readonly AddressText[];
  readonly flags: SendFlags;
  readonly signal: AbortSignal;
}

async function run(job: Job): Promise<void> {
  const { source, out, statePath, flags, signal } = job;
  outFolder(flags.out, 'the descriptions go');
  const place = await TransferFolder.open(statePath);
  const progress = new FileProgress();
  try {
    const sent = await upload(job, place, progress);
    const linkable = flags.links ? await linkables(job, sent, progress) : [];
    progress.end();
    const written = await writeDescriptions(join(out, `${source.name}.xftp`), sent);
    await place.close();
    await place.remove();
    process.stdout.write(summary(source, written, linkable));
  } catch (error) {
    progress.end();
    const state = (await place.leave()) ? `what was sent is in ${statePath}. Go on with the same command and --resume, or remove that folder` : 'nothing was sent';
    const reason = signal.aborted ? 'interrupted' : fileFailure(error, 'send');
    if (typeof reason !== 'string' && !(reason instanceof CliError)) throw reason;
    throw new CliError('FAILED', `${typeof reason === 'string' ? reason : reason.message}; ${state}`, { cause: error });
  }
}

function upload({ source, servers, flags, signal }: Job, place: TransferFolder, progress: FileProgress): Promise<SentFile> {
  return sendFile({ ...linesOptions(flags, progress.end), source, place, servers, recipients: flags.recipients, onProgress: progress.update, signal });
}

/** Long descriptions go into small files of their own. */
async function linkables({ flags, signal }: Job, { recipients, servers }: SentFile, progress: FileProgress): Promise<FileDescription[]> {
  const all: FileDescription[] = [];
  for (const description of recipients) all.push(await linkableDescription(description, { ...linesOptions(flags, progress.end), servers, signal }));
  return all;
}

function sourceOf(file: string): FileSource {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new CliError('FILES', `${file} does not exist`);
  if (!stats.isFile()) throw new CliError('FILES', `${file} is no file; pack a folder first, such as by: tar czf folder.tar.gz folder`);
  return {
    name: basename(resolve(file)),
    size: stats.size,
    stamp: `${stats.size} ${stats.mtimeMs}`,
    pieces: () => createReadStream(file, { highWaterMark: PIECE_BYTES }),
  };
}

function checkState(path: string, resume: boolean): void {
  if (resume && !existsSync(path)) throw new CliError('FILES', `${path} does not exist: there is nothing to go on with; send without --resume`);
  if (!resume && existsSync(path)) {
    throw new CliError('FILES', `${path} is left of a sending that was interrupted: go on with it by --resume, or remove it`);
  }
}

function summary({ name, size }: FileSource, { sender, recipients }: WrittenDescriptions, linkable: readonly FileDescription[]): string {
  const rows = recipients.map((path, i) => [`  ${path}`, ...linksOf(linkable[i])].join('\n'));
  return `Sent ${name} (${sizeText(size)}).

Sender file description, which deletes the file: ${sender}
Pass file descriptions to the recipients, to each one of his own${linkable.length > 0 ? ', or the links instead' : ''}:
${rows.join('\n')}

${linkable.length > 0 ? 'Web links open in a browser, where the server has a page for it. ' : ''}Whoever has a description or link has the file. Servers keep it for a while, by default two days.
`;
}

function linksOf(description: FileDescription | undefined): string[] {
  return description === undefined ? [] : [`    ${fileLink(description)}`, `    ${pageLink(description)}`];
}
