/** An agent without a chat client: what owners and relays of channels in tests are made of. What a script does about an event is its own. */
import { Agent, type AgentEvent, type AgentStep, openSmpRelays } from '@polyplex/agent';
import { parseAddress } from '@polyplex/protocol-common';
import { binaryBatch, formatMessage, newMessageId, parseConnInfo, type ReceivedMessage, type SentEvent, signMessage } from '@polyplex/protocol-chat';
import { utf8 } from '@polyplex/base';
import type { PrivateKey } from '@polyplex/crypto';
import { MemoryRecordStore } from '@polyplex/testing';

const WAIT_MS = 20_000;

export interface RawPeerOptions {
  /** SMP relays for its queues. */
  readonly relays: readonly string[];
  readonly name: string;
}

/** The JSON of a message, as peers of channels write it. */
export function jsonOf(event: SentEvent, msgId: string | null = newMessageId()): string {
  return formatMessage({ ...event, versions: { min: 1, max: 18 }, ...(msgId === null ? {} : { msgId }) });
}

/** An element of a batch: signed with `key` for `binding`, or plain. */
export function elementOf(event: SentEvent, { signed, msgId }: { readonly signed?: { readonly key: PrivateKey<'ed25519'>; readonly binding: Uint8Array }; readonly msgId?: string } = {}): Uint8Array {
  const text = jsonOf(event, msgId);
  return signed === undefined ? utf8(text) : signMessage(text, signed.binding, signed.key);
}

export abstract class RawPeer {
  readonly name: string;
  readonly agent: Agent;
  /** Faults of the script itself. */
  readonly problems: string[] = [];
  #waiters: (() => void)[] = [];

  constructor({ relays, name }: RawPeerOptions) {
    this.name = name;
    this.agent = new Agent({
      store: new MemoryRecordStore(), servers: relays.map((text) => parseAddress(text)!), openRelays: (onMessage) => openSmpRelays({}, onMessage),
      onFailure: (error) => this.problems.push(error instanceof Error ? error.stack ?? error.message : 'failed'),
      inStep: (event, step) => {
        this.take(event, step);
        if (event.type === 'message' || event.type === 'receipt') step.acknowledge(event.connectionId, event.messageId);
        step.afterwards(() => this.wake());
      },
    });
    this.agent.start();
  }

  protected abstract take(event: AgentEvent, step: AgentStep): void;

  protected wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** Of a handshake; null: it cannot be read. */
  protected said(info: Uint8Array): ReceivedMessage | null {
    const part = parseConnInfo(info);
    return part.kind === 'message' ? part.message : null;
  }

  /** Work that needs the network, begun in a step. */
  protected begin(step: AgentStep, work: () => Promise<unknown>): void {
    step.afterwards(() => void work().catch((error: unknown) => this.problems.push(String(error))).finally(() => this.wake()));
  }

  /** Resolves with what `look` finds, now or after some event. */
  async until<T>(what: string, look: () => T | undefined | false): Promise<T> {
    const deadline = AbortSignal.timeout(WAIT_MS);
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve, reject) => {
        this.#waiters.push(resolve);
        deadline.addEventListener('abort', () => reject(new Error(`${this.name} waits for ${what}; problems: ${this.problems.join('; ')}`)), { once: true });
      });
    }
  }

  /** Elements to one connection, in one batch. */
  async send(connectionId: string, elements: readonly Uint8Array[]): Promise<void> {
    await this.agent.send(connectionId, binaryBatch(elements));
  }

  close(): void {
    this.agent.close();
  }
}
