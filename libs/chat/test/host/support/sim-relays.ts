/** Relays of clients that share one relay in memory. */
import type { AgentOptions } from '@polyplex/agent';
import type { SmpCommand, SmpReply } from '@polyplex/protocol-smp';
import type { ChatRelay } from '../../simulation/chat-relay.ts';

export interface SimRelaysOptions {
  /** Answers instead of the relay; null: does not. */
  readonly instead?: (request: { readonly command: SmpCommand; readonly entityId: Uint8Array }) => Promise<SmpReply> | null;
}

export function openSimRelays(relay: ChatRelay, { instead = () => null }: SimRelaysOptions = {}): AgentOptions['openRelays'] {
  return (onMessage) => {
    let isClosed = false;
    const tell: typeof onMessage = (recipientId, reply) => void setImmediate(() => {
      if (!isClosed) onMessage(recipientId, reply);
    });
    return {
      requester: () => Promise.resolve({
        version: 18,
        request: (command, { entityId = new Uint8Array(), key } = {}) =>
          instead({ command, entityId }) ?? Promise.resolve(relay.answer(command, entityId, { isAuthorized: key !== undefined, tell })),
      }),
      subscribe: (queues) => queues.forEach(({ recipientId }) => relay.subscribe(recipientId, tell)),
      forget: () => undefined,
      close: () => {
        isClosed = true;
      },
    };
  };
}
