/**
 * What is behind a short link (agent §2.5): read, checked, and for an invitation taken: reading it secures its queue for a key of ours. That key
 * is stored before the relay gets it, so an invitation whose answer was lost is opened again with the same key.
 */
import { copyBytes, equalBytes } from '@polyplex/base';
import { getLink, type Link, RefusedError, secureLink } from '@polyplex/client';
import { generateKeyPair, type KeyPair, type PublicKey, sha256 } from '@polyplex/crypto';
import { type ConnectionRequest, contactLinkKeys, type LinkOwner, openLinkData, parseShortLink, type ShortLink } from '@polyplex/protocol-agent';
import type { ServerAddress } from '@polyplex/protocol-common';
import { AgentError } from '../agent-error.ts';
import { type AgentContext, senderAt } from '../context.ts';
import type { SendingQueue } from '../records/records.ts';
import type { Step } from '../step.ts';

/** What a short link leads to; to be joined. */
export interface OpenedLink {
  /** With the whole address of its relay. */
  readonly link: ShortLink;
  readonly request: ConnectionRequest;
  /** Signs for the link, as do its owners; `entityId` is what its owner calls what it leads to. */
  readonly rootKey: PublicKey<'ed25519'>;
  readonly entityId: Uint8Array | null;
  /** What its owner says there. */
  readonly userData: Uint8Array;
  /** False: not joined, but through one of the relays. */
  readonly isDirect: boolean;
  readonly relays: readonly ShortLink[];
  /** Each is authorised by the root key or an owner before it. */
  readonly owners: readonly LinkOwner[];
  /** Names our key for the queue of an invitation; null for addresses. */
  readonly joinKey: string | null;
}

/**
 * Opens a short link of either kind. Rejects with LINK where it is none or its data is not what it promises, with NOT_AVAILABLE where it leads nowhere
 * (any more) or an invitation was taken by somebody else, with BLOCKED, or as the relay does.
 */
export async function openShortLink(context: AgentContext, text: string): Promise<OpenedLink> {
  const link = parseShortLink(text);
  if (link === null) throw new AgentError('LINK', 'this is no short link');
  const server = wholeServer(link.server, context.known);
  const joinKey = link.kind === 'i' ? Buffer.from(sha256(link.linkId)).toString('base64url') : null;
  const found = await asked(async () => {
    if (link.kind !== 'i') return getLink(await senderAt(context, server), contactLinkKeys(link.linkKey).linkId);
    const keys = await keysFor(context, joinKey!);
    return secureLink(await senderAt(context, server), link.linkId, keys);
  });
  return { ...checked(link, server, found), joinKey };
}

async function asked(ask: () => Promise<Link>): Promise<Link> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof RefusedError && error.error.type === 'BLOCKED') throw new AgentError('BLOCKED', 'the link was blocked');
    if (error instanceof RefusedError && error.error.type === 'AUTH') throw new AgentError('NOT_AVAILABLE', 'the link leads nowhere, or was used');
    throw error;
  }
}

/** Apps leave out port, key hash and further hosts of relays that everybody knows. Without a key hash a relay cannot be told from another. */
function wholeServer(server: ServerAddress, known: readonly ServerAddress[]): ServerAddress {
  if (server.keyHash.length > 0) return server;
  const isShort = server.port === '' && server.hosts.length === 1;
  const found = isShort ? known.find(({ hosts }) => hosts.includes(server.hosts[0]!)) : undefined;
  if (found === undefined) throw new AgentError('LINK', 'the link is to a relay that is not known');
  return { hosts: found.hosts, port: found.port, keyHash: found.keyHash };
}

function keysFor(context: AgentContext, joinKey: string): Promise<KeyPair<'ed25519'>> {
  return context.change((step) => {
    const known = step.get('opened', joinKey);
    if (known !== undefined) return known.keys;
    const keys = generateKeyPair('ed25519');
    step.put('opened', joinKey, { keys, since: step.now });
    return keys;
  });
}

/** The data must be the link's, and its queue the one that the relay has it with. */
function checked(link: ShortLink, server: ServerAddress, { senderId, fixedData, userData }: Link): Omit<OpenedLink, 'joinKey'> {
  const opened = openLinkData(link.kind === 'i' ? 'invitation' : 'contact', link.linkKey, { fixed: fixedData, user: userData });
  if ('fault' in opened) throw new AgentError('LINK', `the data of the link is not its own: ${opened.fault}`);
  const { fixed: { request, rootKey, entityId }, user } = opened;
  const [queue, ...others] = request.queues;
  if (!equalBytes(queue!.senderId, senderId) || !queue!.server.hosts.includes(server.hosts[0]!)) throw new AgentError('LINK', 'the link is to a different address');
  const { relays, owners } = user.mode === 'contact' ? user : { relays: [], owners: [] };
  const isDirect = user.mode === 'invitation' || user.direct;
  const whole = { ...request, queues: [{ ...queue!, server }, ...others] };
  return { link: { ...link, server }, request: whole, rootKey, entityId: entityId && copyBytes(entityId), userData: copyBytes(user.data), isDirect, relays, owners };
}

/** The queue of an opened invitation is secured already. Throws UNKNOWN where it was joined before. */
export function withOpenedKey(step: Step, queue: SendingQueue, joinKey: string | null): SendingQueue {
  if (joinKey === null) return queue;
  const senderKeys = step.get('opened', joinKey)?.keys;
  if (senderKeys === undefined) throw new AgentError('UNKNOWN', 'the invitation was joined already');
  step.remove('opened', joinKey);
  return { ...queue, senderKeys, status: 'secured', mode: 'messaging' };
}
