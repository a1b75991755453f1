/** A relay in memory, as far as chat clients use one: queues for connections and for addresses, which keep a message until it is acknowledged (SMP §5). */
import { idKey, type IdKey, SECOND } from '@polyplex/base';
import { agree, type BoxKey, boxKeyOf, generateKeyPair, type PublicKey, publicKeysEqual, randomBytes } from '@polyplex/crypto';
import { sealDelivery, type SmpCommand, type SmpReply } from '@polyplex/protocol-smp';

type Message = SmpReply & { readonly tag: 'MSG' };
export type Tell = (recipientId: Uint8Array, message: Message) => void;

interface Queue {
  readonly recipientId: Uint8Array;
  readonly senderId: Uint8Array;
  readonly secret: BoxKey;
  senderKey: PublicKey | null;
  readonly messages: { readonly msgId: Uint8Array; readonly body: Uint8Array }[];
  tell: Tell | null;
  /** The marker of a full queue is its last message. */
  isFull: boolean;
  /** The first message was told to the present subscriber. */
  isTold: boolean;
}

const AUTH: SmpReply = { tag: 'ERR', error: { type: 'AUTH' } };
const QUOTA: SmpReply = { tag: 'ERR', error: { type: 'QUOTA' } };
const OK: SmpReply = { tag: 'OK' };

export class ChatRelay {
  readonly #now: () => number;
  readonly #capacity: number;
  readonly #byRecipient = new Map<IdKey, Queue>();
  readonly #bySender = new Map<IdKey, Queue>();

  /** `capacity`: messages of a queue, before it is full. */
  constructor(now: () => number, capacity = Infinity) {
    this.#now = now;
    this.#capacity = capacity;
  }

  get queues(): number {
    return this.#byRecipient.size;
  }

  /** Messages that wait anywhere. */
  get waiting(): number {
    return [...this.#byRecipient.values()].reduce((sum, { messages }) => sum + messages.length, 0);
  }

  answer(command: SmpCommand, entityId: Uint8Array, { isAuthorized, tell }: { readonly isAuthorized: boolean; readonly tell: Tell }): SmpReply {
    if (command.tag === 'NEW') return this.#create(command, tell);
    const byId = command.tag === 'SKEY' || command.tag === 'SEND' ? this.#bySender : this.#byRecipient;
    const queue = byId.get(idKey(entityId));
    if (queue === undefined) return AUTH;
    if (command.tag === 'SEND') return this.#send(queue, command, isAuthorized);
    if (command.tag === 'SKEY' || command.tag === 'KEY') return secure(queue, command.senderKey);
    if (command.tag === 'ACK') return this.#acknowledge(queue, command.msgId);
    if (command.tag === 'DEL') {
      this.#byRecipient.delete(idKey(queue.recipientId));
      this.#bySender.delete(idKey(queue.senderId));
    }
    return OK;
  }

  subscribe(recipientId: Uint8Array, tell: Tell): void {
    const queue = this.#byRecipient.get(idKey(recipientId));
    if (queue === undefined) return;
    queue.tell = tell;
    queue.isTold = false;
    deliver(queue);
  }

  #create({ rcvDhKey, request }: SmpCommand & { readonly tag: 'NEW' }, tell: Tell): SmpReply {
    const linkId = request?.type === 'C' ? request.data?.linkId ?? null : null;
    const [recipientId, senderId] = [randomBytes(24), request?.data?.senderId ?? randomBytes(24)];
    const keys = generateKeyPair('x25519');
    const queue: Queue = { recipientId, senderId, secret: boxKeyOf(agree(keys.privateKey, rcvDhKey)!), senderKey: null, messages: [], tell, isFull: false, isTold: false };
    this.#byRecipient.set(idKey(recipientId), queue);
    this.#bySender.set(idKey(senderId), queue);
    return { tag: 'IDS', recipientId, senderId, dhKey: keys.publicKey, mode: request?.type ?? null, linkId, serviceId: null, notifier: null };
  }

  #send(queue: Queue, { notify, body }: SmpCommand & { readonly tag: 'SEND' }, isAuthorized: boolean): SmpReply {
    if (isAuthorized !== (queue.senderKey !== null)) return AUTH;
    if (queue.isFull) return QUOTA;
    queue.isFull = queue.messages.length >= this.#capacity;
    const msgId = randomBytes(24);
    const ts = Math.floor(this.#now() / SECOND);
    queue.messages.push({ msgId, body: sealDelivery(queue.secret, msgId, queue.isFull ? { kind: 'quota', ts } : { kind: 'message', ts, notify, body }) });
    deliver(queue);
    return queue.isFull ? QUOTA : OK;
  }

  #acknowledge(queue: Queue, msgId: Uint8Array): SmpReply {
    const [first] = queue.messages;
    if (first === undefined || Buffer.compare(first.msgId, msgId) !== 0) return { tag: 'ERR', error: { type: 'NO_MSG' } };
    queue.messages.shift();
    const [next] = queue.messages;
    queue.isTold = next !== undefined;
    if (next === undefined) queue.isFull = false;
    return next === undefined ? OK : { tag: 'MSG', ...next };
  }
}

function secure(queue: Queue, key: PublicKey): SmpReply {
  if (queue.senderKey !== null && !publicKeysEqual(queue.senderKey, key)) return AUTH;
  queue.senderKey = key;
  return OK;
}

function deliver(queue: Queue): void {
  const [first] = queue.messages;
  if (first === undefined || queue.isTold || queue.tell === null) return;
  queue.isTold = true;
  queue.tell(queue.recipientId, { tag: 'MSG', ...first });
}
