/** Owners and chat relays of channels, which end with the test that made them; a fault of theirs fails it. */
import { afterEach, expect } from 'vitest';
import type { WithClients } from '../with-clients.ts';
import { ChannelOwner, type ChannelOwnerOptions } from './channel-owner.ts';
import { ChatRelay, type ChatRelayOptions } from './chat-relay.ts';
import type { RawPeer } from './raw-peer.ts';

export interface WithChannels {
  relay(name: string, options?: Partial<ChatRelayOptions>): ChatRelay;
  owner(name: string, options?: Partial<ChannelOwnerOptions>): ChannelOwner;
}

/** Called once, at the top of a spec, after `withClients`. `relays`: addresses of SMP relays, there when the tests begin. */
export function withChannels({ relays }: Pick<WithClients, 'relays'>): WithChannels {
  const peers: RawPeer[] = [];
  afterEach(() => {
    const all = peers.splice(0);
    for (const peer of all) peer.close();
    expect(all.flatMap(({ problems }) => problems)).toEqual([]);
  });
  function kept<T extends RawPeer>(peer: T): T {
    peers.push(peer);
    return peer;
  }
  const addresses = (): readonly string[] => relays.map(({ address }) => address);
  return {
    relay: (name, options = {}) => kept(new ChatRelay({ relays: addresses(), name, ...options })),
    owner: (name, options = {}) => kept(new ChannelOwner({ relays: addresses(), name, ...options })),
  };
}
