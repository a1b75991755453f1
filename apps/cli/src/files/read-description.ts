/** A description as people have it: a file, a link of an app, or one of a web page. */
import { statSync } from 'node:fs';
import { hasCode } from '@polyplex/base';
import { type FileDescription, MAX_DESCRIPTION_BYTES, parseDescription, parseFileLink, parseWebLink } from '@polyplex/protocol-xftp';
import { readText } from '../read-text.ts';
import { CliError } from '../report-failure.ts';

export interface GivenDescription {
  readonly description: FileDescription;
  /** Null for a link. */
  readonly path: string | null;
}

const LINK = /^(simplex:|https?:)/i;

/** Throws `CliError`. */
export function readDescription(given: string): GivenDescription {
  try {
    return LINK.test(given.trim()) ? { description: linked(given), path: null } : { description: parseDescription(fileText(given)), path: given };
  } catch (error) {
    if (!hasCode(error, 'BAD_DESCRIPTION')) throw error;
    throw new CliError('FAILED', `this is no file description that can be used: ${error.message}`, { cause: error });
  }
}

/** Throws `CliError` for a link: it has no sender's side. */
export function readSenderDescription(given: string): GivenDescription & { readonly path: string } {
  const { description, path } = readDescription(given);
  if (path === null || description.party !== 'sender') {
    throw new CliError('USAGE', 'the sender\'s description is needed, snd.xftp.private: what recipients have cannot delete the file');
  }
  return { description, path };
}

function linked(link: string): FileDescription {
  const description = parseFileLink(link)?.description ?? parseWebLink(link);
  if (description === null) throw new CliError('USAGE', 'this is no link to a file: quote it, since shells cut it at "#" and "&"');
  return description;
}

function fileText(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true && stats.size > MAX_DESCRIPTION_BYTES) throw new CliError('FILES', `${path} is too large for a file description`);
  return readText(path);
}
