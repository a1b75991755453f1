/** PRXY and PFWD: private message routing for our clients (SMP §7.1, §7.4). */
import { intersectVersions } from '@polyplex/protocol-common';
import { errorReply, PROXIED_VERSIONS, PROXY_VERSION, type SmpReply } from '@polyplex/protocol-smp';
import { checkSender } from './authorize.ts';
import type { SessionHandler } from './context.ts';
import { passwordMatches } from './password.ts';
import { brokerError, proxyError, type RelayConnection, RelayFailure } from './proxy.ts';

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
  const { options, proxy, stats } = relay;
  const { server, password } = incoming.command;
  if (!options.proxy.enabled || !passwordMatches(options.password, password)) return proxyError({ type: 'BASIC_AUTH' });
  // As many connections at a time as forwards: one client must not use up the relays that all may connect to.
  const { forwards } = sender.client;
  await forwards.take();
  stats.relaySessions.add('requested');
  try {
    const reply = keyReply(await proxy.connect({ ...server, keyHash: Uint8Array.from(server.keyHash) }));
    stats.relaySessions.add(reply.tag === 'PKEY' ? 'opened' : 'failed');
    return reply;
  } catch (error) {
    stats.relaySessions.add('failed');
    if (error instanceof RelayFailure) return brokerError(error.broker);
    throw error;
  } finally {
    forwards.give();
  }
};

export const PFWD: SessionHandler<'PFWD'> = async ({ relay, sender, incoming }) => {
  const refusal = checkSender(sender, incoming);
  if (refusal !== null) return errorReply(refusal);
  const { forwards } = sender.client;
  await forwards.take();
  relay.stats.forwards.add('requested');
  try {
    const reply = await relay.proxy.forward(incoming.entityId, incoming.corrId, incoming.command);
    relay.stats.forwards.add(reply.tag === 'PRES' ? 'succeeded' : 'failed');
    return reply;
  } finally {
    forwards.give();
  }
};
