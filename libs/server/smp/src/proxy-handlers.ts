/** PRXY and PFWD: private message routing for our clients (SMP §7.1, §7.4). */
import { intersectVersions, type ServerAddress } from '@polyplex/protocol-common';
import { errorReply, PROXIED_VERSIONS, PROXY_VERSION, type SmpReply } from '@polyplex/protocol-smp';
import { passwordMatches } from '@polyplex/server-core';
import { checkSender } from './authorize.ts';
import type { SessionHandler } from './context.ts';
import { brokerError, type Proxy, proxyError, type RelayConnection, RelayFailure } from './proxy.ts';
import { type RoutingCounts, routingEvent } from './routing-counts.ts';

/** What the client needs to talk to the relay through us. */
function keyReply(relay: RelayConnection): SmpReply {
  const versions = intersectVersions(relay.versions, PROXIED_VERSIONS);
  if (versions === null || relay.version < PROXY_VERSION) return brokerError({ type: 'TRANSPORT', error: 'VERSION' });
  if (relay.key === null) return brokerError({ type: 'TRANSPORT', error: 'NO_AUTH' });
  return { tag: 'PKEY', sessionId: relay.sessionId, versions, key: relay.key };
}

export const PRXY: SessionHandler<'PRXY'> = async ({ relay, sender, incoming }) => {
  const refusal = checkSender(sender, incoming);
  if (refusal !== null) return errorReply(refusal);
  const { options, proxy } = relay;
  const { server, password } = incoming.command;
  if (!options.proxy.enabled || !passwordMatches(options.password, password)) return proxyError({ type: 'BASIC_AUTH' });
  // As many connections at a time as forwards: one client must not use up the relays that all may connect to.
  const { forwards } = sender.client;
  await forwards.take();
  try {
    return await counted(relay.stats.relaySessions, proxy.isOwn(server), () => keyOf(proxy, { ...server, keyHash: Uint8Array.from(server.keyHash) }));
  } finally {
    forwards.give();
  }
};

async function keyOf(proxy: Proxy, address: ServerAddress): Promise<SmpReply> {
  try {
    return keyReply(await proxy.connect(address));
  } catch (error) {
    if (error instanceof RelayFailure) return brokerError(error.broker);
    throw error;
  }
}

/** Counts what is asked of another relay, and what comes of it. */
async function counted(counts: RoutingCounts, own: boolean, work: () => Promise<SmpReply>): Promise<SmpReply> {
  counts.add('requested', own);
  try {
    const reply = await work();
    counts.add(routingEvent(reply), own);
    return reply;
  } catch (error) {
    counts.add('other', own);
    throw error;
  }
}

export const PFWD: SessionHandler<'PFWD'> = async ({ relay, sender, incoming }) => {
  const refusal = checkSender(sender, incoming);
  if (refusal !== null) return errorReply(refusal);
  const { forwards } = sender.client;
  await forwards.take();
  const { proxy, stats } = relay;
  const { entityId, corrId, command } = incoming;
  try {
    return await counted(stats.forwards, proxy.isOwnSession(entityId), () => proxy.forward(entityId, corrId, command));
  } finally {
    forwards.give();
  }
};
