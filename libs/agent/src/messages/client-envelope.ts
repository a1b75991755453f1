/** The envelope of a queue around that of the agent, made anew for each attempt (agent §3). */
import { BOX_NONCE_BYTES, randomBytes } from '@polyplex/crypto';
import { type ClientMessage, sealClientMessage } from '@polyplex/protocol-agent';
import type { SendingQueue, Task } from '../records/records.ts';

export function wrapped(queue: SendingQueue, { envelope, isFirst, withKey }: Extract<Task, { do: 'send' }>): Uint8Array {
  const message: ClientMessage = { senderKey: withKey ? queue.senderKeys.publicKey : null, body: envelope };
  return sealClientMessage(message, {
    version: queue.clientVersion, key: isFirst ? queue.publicKey : null, nonce: randomBytes(BOX_NONCE_BYTES), secret: queue.secret,
  });
}

