/** Short links of ours (agent §2.4, §2.5): made together with their queue, changed, and deleted. */
import { EncodeError } from '@polyplex/codec';
import { generateKeyPair, type KeyPair } from '@polyplex/crypto';
import {
  AGENT_VERSIONS, type ConnectionRequest, contactLinkKeys, type LinkOwner, type QueueMode, type QueueUri, sealLinkData, type SealedLinkData, sealUserLinkData, type ShortLink,
  type UserLinkData,
} from '@polyplex/protocol-agent';
import { AgentError } from '../agent-error.ts';
import type { AgentContext } from '../context.ts';
import type { OwnLink, ReceivingQueue } from '../records/records.ts';
import type { Step } from '../step.ts';
import { newReceivingQueue } from './queues.ts';

/** Whose link it is, and who else may say what is behind it. */
export interface LinkIdentity {
  /** Default: a new one. */
  readonly rootKeys?: KeyPair<'ed25519'>;
  /** What the link leads to, by the application; it never changes. */
  readonly entityId?: Uint8Array;
  /** Each is authorised by the root key or an owner before it (`authorizeOwner`). */
  readonly owners?: readonly LinkOwner[];
  /** Relays to join by, in place of the address itself. */
  readonly relays?: readonly ShortLink[];
}

export interface LinkedQueueOptions {
  readonly mode: QueueMode;
  readonly kind: OwnLink['kind'];
  /** Undefined: no link. */
  readonly userData: Uint8Array | undefined;
  readonly isDirect?: boolean;
  /** Of an address: see `AddressOptions`. */
  readonly identity?: LinkIdentity;
  /** What the link leads to. */
  readonly requestOf: (queue: QueueUri) => ConnectionRequest;
}

/** A new queue with its link, in one command; nothing is stored yet. Rejects as `newReceivingQueue`, or with TOO_LARGE. */
export async function linkedQueue(
  context: AgentContext, connectionId: string, { mode, kind, userData, isDirect = true, identity = {}, requestOf }: LinkedQueueOptions,
): Promise<{ readonly queue: ReceivingQueue; readonly link: OwnLink | null }> {
  if (userData === undefined) return { ...(await newReceivingQueue(context, connectionId, { mode })), link: null };
  const { rootKeys: root = generateKeyPair('ed25519'), entityId = null, owners = [], relays = [] } = identity;
  let sealed: SealedLinkData | null = null;
  const { queue, linkId } = await newReceivingQueue(context, connectionId, {
    mode,
    link: (uri) => {
      const request = requestOf(uri);
      const made = fitting(() => sealLinkData(root.privateKey, { versions: AGENT_VERSIONS, rootKey: root.publicKey, request, entityId }, userPart({ kind, isDirect, owners, relays }, userData)));
      sealed = made;
      const data = { fixedData: made.fixed, userData: made.user };
      return kind === 'i' ? data : { ...data, linkId: contactLinkKeys(made.linkKey).linkId };
    },
  });
  if (linkId === null || sealed === null) throw new AgentError('LINK', 'the relay has made no link');
  const { linkKey, fixed }: SealedLinkData = sealed;
  return { queue, link: { kind, linkId, linkKey, rootKey: root.privateKey, fixed, isDirect, owners, relays } };
}

function userPart({ kind, isDirect, owners = [], relays = [] }: Pick<OwnLink, 'kind' | 'isDirect' | 'owners' | 'relays'>, data: Uint8Array): UserLinkData {
  return kind === 'i'
    ? { mode: 'invitation', versions: AGENT_VERSIONS, data }
    : { mode: 'contact', versions: AGENT_VERSIONS, direct: isDirect, owners: [...owners], relays: [...relays], data };
}

function fitting<T>(seal: () => T): T {
  try {
    return seal();
  } catch (error) {
    if (error instanceof EncodeError) throw new AgentError('TOO_LARGE', 'the data does not fit a link');
    throw error;
  }
}

export function shortLinkOf({ server }: ReceivingQueue, { kind, linkId, linkKey }: OwnLink): ShortLink {
  return kind === 'i' ? { kind, server, linkKey, linkId } : { kind, server, linkKey };
}

/** Who a link names from now on, in place of those it named; absent: as before. */
export type LinkNames = Pick<LinkIdentity, 'owners' | 'relays'>;

/** What the link says from now on; stored here, and told to the relay again and again. Throws UNKNOWN or TOO_LARGE. */
export function setUserData(step: Step, connectionId: string, userData: Uint8Array, names: LinkNames = {}): void {
  const { queue, link: before } = ownLink(step, connectionId);
  const link: OwnLink = { ...before, ...names };
  if (Object.keys(names).length > 0) step.put('link', queue.connectionId, link);
  const { linkId, linkKey, rootKey, fixed } = link;
  const user = fitting(() => sealUserLinkData(rootKey, linkKey, userPart(link, userData)));
  step.do(queue, queue.queueId, { do: 'set-link', linkId, fixed, user });
}

/** The link leads nowhere any more; the queue stays. Throws UNKNOWN. */
export function deleteLink(step: Step, connectionId: string): void {
  const { queue } = ownLink(step, connectionId);
  step.remove('link', connectionId);
  step.do(queue, queue.queueId, { do: 'delete-link' });
}

function ownLink(step: Step, connectionId: string): { readonly queue: ReceivingQueue; readonly link: OwnLink } {
  const { connectionId: id } = step.connection(connectionId);
  const [queue] = step.receivingOf(id);
  const link = step.get('link', id);
  if (queue === undefined || link === undefined) throw new AgentError('UNKNOWN', 'the connection has no short link');
  return { queue, link };
}
