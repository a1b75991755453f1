/** How connections begin (agent §6.2 to §6.4): an invitation, a contact address, joining, asking, allowing, accepting. */
import { encode } from '@polyplex/codec';
import {
  AGENT_VERSIONS, agentEnvelope, CLIENT_VERSIONS, type ConnectionRequest, type ContactKind, E2E_VERSIONS, formatLink, KEM_VERSION, parseLink, POST_QUANTUM_VERSION,
  type QueueUri, type ShortLink,
} from '@polyplex/protocol-agent';
import { intersectVersions, type VersionRange } from '@polyplex/protocol-common';
import { AgentError } from '../agent-error.ts';
import type { Also, AlsoBegun } from '../agent-step.ts';
import { ApplicationStep } from '../application-step.ts';
import type { AgentContext } from '../context.ts';
import { sealConfirmation } from '../messages/seal.ts';
import { initiatorParameters, joinerParameters, joinRatchet, type OwnParameters, publishedParameters } from '../ratchet/begin.ts';
import type { Connection, OwnLink, ReceivingQueue } from '../records/records.ts';
import { newId } from '../records/typed-records.ts';
import type { Step } from '../step.ts';
import { takeOffer } from './answer-offer.ts';
import { confirm } from './confirm.ts';
import { type OpenedLink, withOpenedKey } from './open-link.ts';
import { linkedQueue, type LinkIdentity, shortLinkOf } from './own-link.ts';
import { newReceivingQueue, newSendingQueue, queueInfoOf, queueUriOf, storeWithQueue } from './queues.ts';

/** Whether keys of a KEM are offered and answered, where the other side speaks it. */
export interface BeginOptions {
  readonly postQuantum?: boolean;
}

export interface LinkOptions extends AlsoBegun {
  /** What who opens the short link is told, up to 13.6 KB; without it there is no short link. */
  readonly userData?: Uint8Array;
}

export interface Begun {
  readonly connectionId: string;
  readonly request: ConnectionRequest;
  /** Null: none was asked for. */
  readonly link: ShortLink | null;
}

export interface AddressOptions extends LinkOptions, LinkIdentity {
  /** Default `a`. */
  readonly kind?: ContactKind;
  /** Text of the application's that stands in the full link, and behind the short one. */
  readonly clientData?: string;
  /** False: the address is there to be looked at, and those who opened its short link do not ask at it; default true. */
  readonly isDirect?: boolean;
}

export interface JoinOptions extends BeginOptions, Also {
  /** What the other side is told of us. */
  readonly info: Uint8Array;
}

function newConnection(connectionId: string, role: Connection['role'], fields: Partial<Connection> = {}): Connection {
  return {
    connectionId, role, stage: 'new', agentVersion: AGENT_VERSIONS.max, postQuantum: false, sync: 'ok', lastInternalId: 0,
    lastSentId: 0, lastSentHash: new Uint8Array(), lastReceivedId: 0, lastReceivedHash: new Uint8Array(), ...fields,
  };
}

function invitationOf(queue: QueueUri, { key1, key2, kem }: OwnParameters): ConnectionRequest {
  const offered = kem === null ? null : ({ type: 'P', publicKey: kem.publicKey } as const);
  return {
    mode: 'invitation', versions: AGENT_VERSIONS, queues: [queue], clientData: null,
    e2e: { versions: E2E_VERSIONS, key1: key1.publicKey, key2: key2.publicKey, kem: offered },
  };
}

/** What is stored of a new connection of ours; with what the application stores with it. */
function storeBegun(context: AgentContext, { connection, parameters, queue, link, request, also }: {
  readonly connection: Connection; readonly parameters?: OwnParameters; readonly queue: ReceivingQueue; readonly link: OwnLink | null;
  readonly request: ConnectionRequest; readonly also: AlsoBegun['also'];
}): Promise<Begun> {
  const { connectionId } = connection;
  const begun: Begun = { connectionId, request, link: link && shortLinkOf(queue, link) };
  return storeWithQueue(context, queue, (step) => {
    step.put('connection', connectionId, connection);
    if (parameters !== undefined) step.put('parameters', connectionId, parameters);
    step.addReceiving(queue);
    if (link !== null) step.put('link', connectionId, link);
    also?.(new ApplicationStep(step), connectionId, begun);
    return begun;
  });
}

/** A one-time invitation: whoever has it may join. Rejects as the relay does; with user data also with LINK or TOO_LARGE. */
export async function createInvitation(context: AgentContext, { postQuantum = true, userData, also }: BeginOptions & LinkOptions = {}): Promise<Begun> {
  const connectionId = newId();
  const parameters = initiatorParameters(postQuantum, context.fresh);
  const { queue, link } = await linkedQueue(context, connectionId, {
    mode: 'messaging', kind: 'i', userData, requestOf: (uri) => invitationOf(uri, parameters),
  });
  const connection = newConnection(connectionId, 'invited', { postQuantum });
  return storeBegun(context, { connection, parameters, queue, link, request: invitationOf(queueUriOf(queue), parameters), also });
}

/** An address at which anybody may ask, any number of times. Rejects as `createInvitation`. */
export async function createAddress(context: AgentContext, { userData, kind = 'a', clientData, isDirect = true, also, ...identity }: AddressOptions = {}): Promise<Begun> {
  const connectionId = newId();
  const requestOf = (uri: QueueUri): ConnectionRequest => ({ mode: 'contact', versions: AGENT_VERSIONS, queues: [uri], clientData: clientData ?? null });
  const { queue, link } = await linkedQueue(context, connectionId, { mode: 'contact', kind, userData, isDirect, identity, requestOf });
  const connection = newConnection(connectionId, 'address', { stage: 'ready' });
  return storeBegun(context, { connection, queue, link, request: requestOf(queueUriOf(queue)), also });
}

function agreed(own: VersionRange, theirs: VersionRange): number {
  const common = intersectVersions(own, theirs);
  if (common === null) throw new AgentError('VERSION', 'no version is spoken by both sides');
  return common.max;
}

/**
 * Joins an invitation, or asks at an address. Resolves when all of it is stored; the relays are told from there on, whatever happens. Rejects
 * with VERSION, LINK, NO_SERVER, as the relay for the new queue does, or with PROHIBITED for an address that is reached through others only.
 */
export async function join(context: AgentContext, what: ConnectionRequest | OpenedLink, { info, postQuantum = true, also }: JoinOptions): Promise<string> {
  const { request, joinKey, isDirect } = 'request' in what ? what : { request: what, joinKey: null, isDirect: true };
  if (!isDirect) throw new AgentError('PROHIBITED', 'the address is not contacted directly');
  return request.mode === 'contact' ? ask(context, request, { info, postQuantum, also }) : joinInvitation(context, request, { info, postQuantum, joinKey, also });
}

interface Wish extends Required<BeginOptions>, Pick<JoinOptions, 'info'> {
  /** Names the key that the queue is secured with already. */
  readonly joinKey?: string | null;
  /** Done first in the same transaction. */
  readonly before?: (step: Step) => void;
  readonly also: Also['also'];
}

async function joinInvitation(context: AgentContext, request: ConnectionRequest & { readonly mode: 'invitation' }, { info, postQuantum, before, also, joinKey = null }: Wish): Promise<string> {
  const connectionId = newId();
  const theirs = request.queues[0]!;
  const agentVersion = agreed(AGENT_VERSIONS, request.versions);
  const e2eVersion = agreed(E2E_VERSIONS, request.e2e.versions);
  const clientVersion = agreed(CLIENT_VERSIONS, theirs.versions);
  const sending = newSendingQueue(connectionId, theirs, clientVersion);
  const initiator = { version: e2eVersion, key1: request.e2e.key1, key2: request.e2e.key2, kem: request.e2e.kem };
  const usesKem = postQuantum && agentVersion >= POST_QUANTUM_VERSION && e2eVersion >= KEM_VERSION;
  const own = joinerParameters(initiator, usesKem, context.fresh);
  const { queue: receiving } = await newReceivingQueue(context, connectionId, { mode: 'messaging' });
  return storeWithQueue(context, receiving, (step) => {
    before?.(step);
    const connection = newConnection(connectionId, 'joined', { stage: 'confirming', agentVersion, postQuantum: usesKem });
    step.put('connection', connectionId, connection);
    step.put('ratchet', connectionId, joinRatchet({ current: e2eVersion, max: E2E_VERSIONS.max }, own, {
      initiator, wish: { supported: usesKem, enabled: usesKem }, fresh: context.fresh,
    }));
    step.addReceiving(receiving);
    const secured = withOpenedKey(step, sending, joinKey);
    step.addSending(secured);
    const encrypted = sealConfirmation(step, connection, { tag: 'D', queues: [queueInfoOf(receiving, clientVersion)], info });
    confirm(step, secured, encode(agentEnvelope, { version: agentVersion, type: 'C', e2e: publishedParameters(e2eVersion, own), encrypted }));
    also?.(new ApplicationStep(step), connectionId);
    return connectionId;
  });
}

/** Sends an invitation of ours to a contact address. Its queue is sent to once, with a key that is not kept. */
async function ask(context: AgentContext, request: ConnectionRequest, { info, postQuantum, also }: Wish): Promise<string> {
  const connectionId = newId();
  const theirs = request.queues[0]!;
  const agentVersion = agreed(AGENT_VERSIONS, request.versions);
  const address = newSendingQueue(connectionId, theirs, agreed(CLIENT_VERSIONS, theirs.versions));
  const { queue } = await newReceivingQueue(context, connectionId, { mode: 'messaging' });
  const parameters = initiatorParameters(postQuantum && agentVersion >= POST_QUANTUM_VERSION, context.fresh);
  return storeWithQueue(context, queue, (step) => {
    step.put('connection', connectionId, newConnection(connectionId, 'invited', { postQuantum: parameters.kem !== null }));
    step.put('parameters', connectionId, parameters);
    step.addReceiving(queue);
    step.put('sending', address.queueId, address);
    const envelope = encode(agentEnvelope, { version: agentVersion, type: 'I', link: formatLink(invitationOf(queueUriOf(queue), parameters)), info });
    step.do(address, address.queueId, { do: 'send', what: 'request', envelope, notify: true, withKey: false, isFirst: true, internalId: null });
    also?.(new ApplicationStep(step), connectionId);
    return connectionId;
  });
}

/** Accepts a request to our address: joins the invitation that came with it. Answers the new connection. */
export async function accept(context: AgentContext, offerId: string, { info, postQuantum = true, also }: JoinOptions): Promise<string> {
  const offer = context.read((records) => records.get('offer', offerId));
  if (offer?.type !== 'request') throw new AgentError('UNKNOWN', 'there is no such request');
  const request = parseLink(offer.link);
  if (request?.mode !== 'invitation') throw new AgentError('LINK', 'the request has no invitation');
  return joinInvitation(context, request, { info, postQuantum, also, before: (step) => takeOffer(step, offerId) });
}
