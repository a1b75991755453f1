/** A relay in memory whose queues for the crowd take everything and keep nothing: what a large group costs its host, without the members. */
import type { AgentOptions } from '@polyplex/agent';
import { idKey, type IdKey } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { ChatRelay } from '../test/simulation/chat-relay.ts';
import { openSimRelays } from '../test/host/support/sim-relays.ts';

const OK = { tag: 'OK' } as const;
const QUOTA = { tag: 'ERR', error: { type: 'QUOTA' } } as const;

export class SinkRelay {
  readonly #relay: ChatRelay;
  readonly #sinks = new Set<IdKey>();
  /** Messages to the crowd. */
  sunk = 0;
  /** The queues of the crowd take nothing any more. */
  areFull = false;

  constructor(now: () => number = () => Date.now()) {
    this.#relay = new ChatRelay(now);
  }

  /** Another queue that takes everything; its sender id. */
  addSink(): Uint8Array {
    const senderId = randomBytes(24);
    this.#sinks.add(idKey(senderId));
    return senderId;
  }

  open(): AgentOptions['openRelays'] {
    return openSimRelays(this.#relay, {
      instead: ({ command, entityId }) => {
        if (command.tag !== 'SEND' || !this.#sinks.has(idKey(entityId))) return null;
        this.sunk++;
        return new Promise((resolve) => setImmediate(() => resolve(this.areFull ? QUOTA : OK)));
      },
    });
  }
}
