/** The chunks that an operator's command is about: one by its id, or those of a link or description that are on the server. */
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import { parseAddress } from '@polyplex/protocol-common';
import type { FileDescription } from '@polyplex/protocol-xftp';
import { ask, type AdminTarget } from '../admin-client.ts';
import { readDescription } from '../files/read-description.ts';
import { CliError } from '../report-failure.ts';

export interface Chunks {
  /** Recipient ids in base64url. */
  readonly ids: readonly string[];
  /** Whether they were given as one id. */
  readonly single: boolean;
  /** Whether what was given leads to a description of the file that is meant. */
  readonly isRedirect: boolean;
}

/** The longest id that is one: chunks have ids of 16 bytes, and no link or path of a description is so short. */
const ID_TEXT = /^[A-Za-z0-9_-]{22,32}=*$/;

/** Rejects with `CliError` for what is neither an id nor a recipient's description, and for one without a chunk on this server. */
export async function chunksOf(given: string, target: AdminTarget): Promise<Chunks> {
  if (ID_TEXT.test(given) && fromBase64Url(given) !== null) return { ids: [given], single: true, isRedirect: false };
  const { description } = readDescription(given);
  if (description.party === 'sender') throw new CliError('USAGE', 'a recipient\'s description is needed: the sender\'s has ids that only senders use');
  const { address } = await ask(target, 'overview');
  const ids = idsAt(description, address);
  if (ids.length === 0) throw new CliError('FAILED', 'no chunk of this file is on this server: "polyplex file info" names its servers');
  return { ids, single: false, isRedirect: description.redirect !== null };
}

/** A server is who has its key, whatever its name. */
function idsAt({ chunks }: FileDescription, address: string): string[] {
  const keyHash = parseAddress(address)?.keyHash;
  const isHere = (other: Uint8Array): boolean => keyHash !== undefined && toBase64Url(other) === toBase64Url(keyHash);
  return chunks.flatMap(({ replicas }) => replicas.filter(({ server }) => isHere(server.keyHash)).map(({ replicaId }) => toBase64Url(replicaId)));
}
