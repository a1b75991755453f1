/**
 * Whether two texts lead to the same place (directory §5): short links by relay and key, full ones by relay and queue. What else stands in them
 * does not count, in any order. A short and a full link cannot be compared without what is behind the short one.
 */
import { equalBytes } from '@polyplex/base';
import type { ServerAddress } from '@polyplex/protocol-common';
import { parseLink } from './connection-request.ts';
import { parseShortLink } from './short-link.ts';

interface Place {
  readonly form: 'short' | 'full';
  readonly server: ServerAddress;
  readonly id: Uint8Array;
}

/** False also where either is no link. */
export function sameLink(a: string, b: string): boolean {
  const [one, other] = [placeOf(a), placeOf(b)];
  if (one === null || other?.form !== one.form) return false;
  return equalBytes(one.id, other.id) && areSame(one.server, other.server);
}

function placeOf(text: string): Place | null {
  const read = withOneQuery(text);
  const short = parseShortLink(read);
  if (short !== null) return { form: 'short', server: short.server, id: short.linkKey };
  const queue = parseLink(read)?.queues[0];
  return queue === undefined ? null : { form: 'full', server: queue.server, id: queue.senderId };
}

/** Some put parameters of their own behind a link as if it had none yet. */
function withOneQuery(text: string): string {
  const at = text.indexOf('?');
  return at < 0 ? text : text.slice(0, at + 1) + text.slice(at + 1).replaceAll('?', '&');
}

/** Apps leave out all but one host, port and key hash of relays that everybody knows; what both say must agree. */
function areSame(a: ServerAddress, b: ServerAddress): boolean {
  const isSaid = a.keyHash.length > 0 && b.keyHash.length > 0;
  return a.hosts.some((host) => b.hosts.includes(host)) && (!isSaid || (a.port === b.port && equalBytes(a.keyHash, b.keyHash)));
}
