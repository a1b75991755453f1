/** An invitation or a contact address: what it takes to connect, as bytes and as a full link (agent §2.1, §2.6). */
import { lenientTextOf, utf8 } from '@polyplex/base';
import { type Codec, codec, DecodeError, fields, large, mapped, maybe, nonEmptyList } from '@polyplex/codec';
import { type VersionRange, versionRange } from '@polyplex/protocol-common';
import { type E2eOffer, e2eOffer, formatE2eOffer, parseE2eOffer } from './e2e-parameters.ts';
import { type QueueUri, queueUri } from './queue-address.ts';
import { formatQueueUri, parseQueueUri } from './queue-uri-text.ts';
import { formatQuery, formatVersions, parseVersions } from './query-text.ts';
import { AGENT_VERSIONS } from './versions.ts';

interface RequestParts {
  /** Of the agent protocol. */
  readonly versions: VersionRange;
  /** At least one; the first is used. */
  readonly queues: readonly QueueUri[];
  /** Text of the application's own. */
  readonly clientData: string | null;
}

export type ConnectionRequest =
  | (RequestParts & { readonly mode: 'invitation'; readonly e2e: E2eOffer })
  | (RequestParts & { readonly mode: 'contact' });

const clientData: Codec<string> = mapped(large, lenientTextOf, utf8);
const parts = fields({ versions: versionRange, queues: nonEmptyList(queueUri), clientData: maybe(clientData) });

const INVITATION = 0x49; // "I"
const CONTACT = 0x43; // "C"

/** A contact address of version 1 is read as one of version 2. */
function contactVersions({ min, max }: VersionRange): VersionRange {
  return { min: Math.max(min, AGENT_VERSIONS.min), max: Math.max(max, AGENT_VERSIONS.min) };
}

export const connectionRequest: Codec<ConnectionRequest> = codec(
  (r) => {
    const tag = r.byte();
    if (tag !== INVITATION && tag !== CONTACT) throw new DecodeError('unknown variant');
    const { queues, ...rest } = parts.read(r);
    // A queue that says no mode here is one of a contact address.
    const known = { ...rest, queues: queues.map((queue) => ({ ...queue, mode: queue.mode ?? 'contact' as const })) };
    return tag === INVITATION ? { ...known, mode: 'invitation', e2e: e2eOffer.read(r) } : { ...known, mode: 'contact' };
  },
  (w, request) => {
    w.byte(request.mode === 'invitation' ? INVITATION : CONTACT);
    parts.write(w, request);
    if (request.mode === 'invitation') e2eOffer.write(w, request.e2e);
  },
);

/** `simplex:`, or `https://host[:port]`. */
export type LinkScheme = 'simplex:' | `https://${string}`;

export function formatLink(request: ConnectionRequest, scheme: LinkScheme = 'simplex:'): string {
  const query = formatQuery({
    v: formatVersions(request.versions),
    smp: request.queues.map(formatQueueUri).join(';'),
    e2e: request.mode === 'invitation' ? formatE2eOffer(request.e2e) : undefined,
    data: request.clientData ?? undefined,
  });
  return `${scheme}/${request.mode}#/?${query}`;
}

const FULL_LINK = /^(?:simplex:|https:\/\/[^/#?\s]+)\/(invitation|contact)\/?#\/?\?(\S+)$/;

/** Null for anything else. Any scheme, any order of parameters, unknown ones too. */
export function parseLink(text: string): ConnectionRequest | null {
  const found = FULL_LINK.exec(text.trim());
  if (found === null) return null;
  const query = new URLSearchParams(found[2]);
  const versions = parseVersions(query.get('v'));
  const queues = queuesOf(query.get('smp'));
  if (versions === null || queues === null) return null;
  const common = { queues, clientData: query.get('data') };
  if (found[1] === 'contact') return { ...common, mode: 'contact', versions: contactVersions(versions) };
  const e2e = parseE2eOffer(query.get('e2e'));
  return e2e && { ...common, mode: 'invitation', versions, e2e };
}

function queuesOf(text: string | null): readonly QueueUri[] | null {
  const queues = (text ?? '').split(';').map(parseQueueUri);
  return queues.every((queue) => queue !== null) ? queues : null;
}
