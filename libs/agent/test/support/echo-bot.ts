/** The README's bot, as it stands there. */
import { Agent, openSmpRelays, type QueueServer } from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import type { RecordStore } from '@polyplex/store-contract';

export function echoBot(store: RecordStore, servers: readonly QueueServer[]): Agent {
  const agent: Agent = new Agent({
    store, servers,
    openRelays: (onMessage) => openSmpRelays({}, onMessage),
    onEvent: (event) => {                                             // after a restart again, until it is accepted
      if (event.type === 'request') agent.accept(event.offerId, { info: utf8('an echo') }).catch(console.error);
    },
    inStep: (event, step) => {                                        // once, in the transaction that reads the message
      if (event.type !== 'message') return;
      if (step.canSend(event.connectionId)) step.send(event.connectionId, event.body);
      step.acknowledge(event.connectionId, event.messageId);          // now its relay may forget it
    },
  });
  agent.start();
  return agent;
}
