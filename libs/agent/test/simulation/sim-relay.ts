/** A relay in memory, as far as agents use one: queues that keep a message until it is acknowledged (SMP §5). */
import { idKey, type IdKey, SECOND } from '@polyplex/base';
import { boxKeyOf, agree, type BoxKey, generateKeyPair, type PublicKey, publicKeysEqual, randomBytes } from '@polyplex/crypto';
import { sealDelivery, type SmpCommand, type SmpReply } from '@polyplex/protocol-smp';

interface SimMessage {
  readonly msgId: Uint8Array;
  readonly body: Uint8Array;
}

interface SimQueue {
  readonly recipientId: Uint8Array;
  readonly senderId: Uint8Array;
  readonly secret: BoxKey;
  senderKey: PublicKey | null;
  readonly messages: SimMessage[];
  /** The marker of a full queue is its last message. */
  isFull: boolean;
  /** Who is told of messages. */
  tell: ((reply: SmpReply & { tag: 'MSG' }) => void) | null;
  /** The first message was told to the present subscriber. */
  told: boolean;
}

const AUTH: SmpReply = { tag: 'ERR', error: { type: 'AUTH' } };
const NO_MSG: SmpReply = { tag: 'ERR', error: { type: 'NO_MSG' } };
const QUOTA: SmpReply = { tag: 'ERR', error: { type: 'QUOTA' } };
const OK: SmpReply = { tag: 'OK' };

export interface SimCommand {
  readonly command: SmpCommand;
  readonly entityId: Uint8Array;
  readonly isAuthorized: boolean;
  readonly tell: (recipientId: Uint8Array, reply: SmpReply & { tag: 'MSG' }) => void;
}

export class SimRelay {
  readonly #now: () => number;
  readonly #capacity: number;
  /** For good: nothing is answered, and what waits there is lost. */
  isGone = false;
  readonly #byRecipient = new Map<IdKey, SimQueue>();
  readonly #bySender = new Map<IdKey, SimQueue>();

  /** `capacity`: messages of a queue, before it is full. */
  constructor(now: () => number, capacity: number) {
    this.#now = now;
    this.#capacity = capacity;
  }

  get queues(): number {
    return this.#byRecipient.size;
  }

  /** Messages that wait anywhere. */
  get waiting(): number {
    return this.isGone ? 0 : [...this.#byRecipient.values()].reduce((sum, { messages }) => sum + messages.length, 0);
  }

  answer({ command, entityId, isAuthorized, tell }: SimCommand): SmpReply {
    if (command.tag === 'NEW') return this.#create(command.rcvDhKey, tell);
    if (command.tag === 'SKEY' || command.tag === 'SEND') return this.#atSender(this.#bySender.get(idKey(entityId)), command, isAuthorized);
    return this.#atRecipient(this.#byRecipient.get(idKey(entityId)), command);
  }

  /** Answers as events, as a relay does. */
  subscribe(recipientId: Uint8Array, tell: SimCommand['tell']): void {
    const queue = this.#byRecipient.get(idKey(recipientId));
    if (queue === undefined) return;
    queue.tell = (reply) => tell(recipientId, reply);
    queue.told = false;
    this.#deliver(queue);
  }

  #create(key: PublicKey<'x25519'>, tell: SimCommand['tell']): SmpReply {
    const [recipientId, senderId] = [randomBytes(24), randomBytes(24)];
    const keys = generateKeyPair('x25519');
    const queue: SimQueue = { recipientId, senderId, secret: boxKeyOf(agree(keys.privateKey, key)!), senderKey: null, messages: [], isFull: false, tell: null, told: false };
    this.#byRecipient.set(idKey(recipientId), queue);
    this.#bySender.set(idKey(senderId), queue);
    this.subscribe(recipientId, tell);
    return { tag: 'IDS', recipientId, senderId, dhKey: keys.publicKey, mode: 'M', linkId: null, serviceId: null, notifier: null };
  }

  #atSender(queue: SimQueue | undefined, command: SmpCommand & { tag: 'SKEY' | 'SEND' }, isAuthorized: boolean): SmpReply {
    if (queue === undefined) return AUTH;
    if (command.tag === 'SKEY') return this.#secure(queue, command.senderKey);
    if (isAuthorized !== (queue.senderKey !== null)) return AUTH;
    if (queue.isFull) return QUOTA;
    queue.isFull = queue.messages.length >= this.#capacity;
    const ts = Math.floor(this.#now() / SECOND);
    this.#append(queue, queue.isFull ? { kind: 'quota', ts } : { kind: 'message', ts, notify: command.notify, body: command.body });
    return queue.isFull ? QUOTA : OK;
  }

  #append(queue: SimQueue, message: Parameters<typeof sealDelivery>[2]): void {
    const msgId = randomBytes(24);
    queue.messages.push({ msgId, body: sealDelivery(queue.secret, msgId, message) });
    this.#deliver(queue);
  }

  #secure(queue: SimQueue, key: PublicKey): SmpReply {
    if (queue.senderKey !== null && !publicKeysEqual(queue.senderKey, key)) return AUTH;
    queue.senderKey = key;
    return OK;
  }

  #atRecipient(queue: SimQueue | undefined, command: SmpCommand): SmpReply {
    if (queue === undefined) return AUTH;
    if (command.tag === 'KEY') return this.#secure(queue, command.senderKey);
    if (command.tag === 'DEL') {
      this.#byRecipient.delete(idKey(queue.recipientId));
      this.#bySender.delete(idKey(queue.senderId));
      return OK;
    }
    if (command.tag !== 'ACK') throw new Error(`the simulated relay does not know ${command.tag}`);
    const [first] = queue.messages;
    if (first === undefined || Buffer.compare(first.msgId, command.msgId) !== 0) return NO_MSG;
    queue.messages.shift();
    const [next] = queue.messages;
    if (next === undefined) queue.isFull = false;
    queue.told = next !== undefined;
    return next === undefined ? OK : { tag: 'MSG', ...next };
  }

  #deliver(queue: SimQueue): void {
    const [first] = queue.messages;
    if (first === undefined || queue.told || queue.tell === null) return;
    queue.told = true;
    queue.tell({ tag: 'MSG', ...first });
  }

  /** All sessions end. Messages stay. */
  restart(): void {
    for (const queue of this.#byRecipient.values()) queue.tell = null;
  }
}
