/**
 * What names a queue in the texts that people pass on: ids, queue URIs (SMP §1.5), and the links of apps, short and full.
 * A link is read only as far as that goes; what it says to the other side is none of a relay's business.
 */
import { fromBase64Url, ID_LENGTH } from '@polyplex/base';
import { contactLinkKeys } from './link-data.ts';
import { LINK_KEY_BYTES } from './short-link.ts';

export interface QueueName {
  /** Sender id or link id. */
  readonly id: Uint8Array;
  /** Of the relay, where the text says one. */
  readonly host: string | null;
}

/** `simplex:/i#…` and `https://host/i#…`: i has an id of its own, the id of the others follows from their key. */
const SHORT_LINK = /^(?:simplex:|https:\/\/([^/#?\s]+))\/([iacgr])\/?#([^?\s]+)(?:\?(\S*))?$/;
const FULL_LINK = /^(?:simplex:|https:\/\/[^/#?\s]+)\/(?:invitation|contact)\/?#\/?\?(\S+)$/;
const QUEUE_URI = /^smp:\/\/[A-Za-z0-9_-]+=*@([^/\s]+)\/([A-Za-z0-9_-]+=*)\/?(?:[#?]\S*)?$/;

/** Null when the text names no queue. */
export function parseQueueName(text: string): QueueName | null {
  const given = text.trim();
  const short = SHORT_LINK.exec(given);
  if (short !== null) return ofShortLink(short);
  const query = FULL_LINK.exec(given)?.[1];
  if (query !== undefined) return ofQueueUri(new URLSearchParams(query).get('smp')?.split(';', 1)[0] ?? '');
  return ofQueueUri(given) ?? named(given, null);
}

function ofShortLink([, authority, kind, path = '', query = '']: RegExpExecArray): QueueName | null {
  const parts = path.split('/');
  const host = firstHost(authority ?? new URLSearchParams(query).get('h'));
  if (kind === 'i') return parts.length === 2 ? named(parts[0] ?? '', host) : null;
  const key = parts.length === 1 ? fromBase64Url(path) : null;
  if (key?.length !== LINK_KEY_BYTES) return null;
  return { id: contactLinkKeys(key).linkId, host };
}

function ofQueueUri(text: string): QueueName | null {
  const parts = QUEUE_URI.exec(text);
  return parts && named(parts[2] ?? '', firstHost(parts[1] ?? null));
}

function firstHost(hosts: string | null): string | null {
  return hosts?.split(',', 1)[0]?.replace(/:\d+$/, '') ?? null;
}

function named(idText: string, host: string | null): QueueName | null {
  const id = fromBase64Url(idText);
  return id?.length === ID_LENGTH ? { id, host } : null;
}
