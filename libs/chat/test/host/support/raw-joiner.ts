/** Somebody who joins by a link and says just what a test wants: no chat client, and no manners. */
import { Agent, openSmpRelays } from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import { parseLink } from '@polyplex/protocol-agent';
import { parseAddress } from '@polyplex/protocol-common';
import { formatMessage, newMessageId, parseBody, parseConnInfo, type ReceivedMessage, type SentEvent } from '@polyplex/protocol-chat';
import { MemoryRecordStore } from '@polyplex/testing';

const WAIT_MS = 15_000;

export interface RawJoinerOptions {
  readonly relays: readonly string[];
  readonly name?: string;
  /** The highest version it speaks. */
  readonly max?: number;
  /** Answers the host's confirmation; default true. */
  readonly allows?: boolean;
}

export class RawJoiner {
  /** Everything that came, without batches; handshakes included. */
  readonly heard: ReceivedMessage[] = [];
  /** How many messages that was in. */
  bodies = 0;
  readonly agent: Agent;
  readonly #options: Required<RawJoinerOptions>;
  #connection: string | null = null;

  constructor({ relays, name = 'raw', max = 17, allows = true }: RawJoinerOptions) {
    this.#options = { relays, name, max, allows };
    this.agent = new Agent({
      store: new MemoryRecordStore(), servers: relays.map((text) => parseAddress(text)!), openRelays: (onMessage) => openSmpRelays({}, onMessage),
      inStep: (event, step) => {
        if (event.type === 'confirmation') {
          this.#connection = event.connectionId;
          this.#take(parseConnInfo(event.info));
          if (allows) step.allow(event.offerId, this.text({ event: 'x.info', params: { profile: { displayName: name, fullName: '' } } }));
        }
        if (event.type !== 'message') return;
        this.bodies++;
        for (const part of parseBody(event.body)) this.#take(part);
        step.acknowledge(event.connectionId, event.messageId);
      },
    });
    this.agent.start();
  }

  #take(part: ReturnType<typeof parseBody>[number]): void {
    if (part.kind === 'message') this.heard.push(part.message);
  }

  text(event: SentEvent, msgId?: string): Uint8Array {
    return utf8(formatMessage({ ...event, versions: { min: 1, max: this.#options.max }, ...(msgId === undefined ? {} : { msgId }) }));
  }

  async join(link: string, { requestId = newMessageId(), welcomeMsgId }: { readonly requestId?: string; readonly welcomeMsgId?: string } = {}): Promise<void> {
    const profile = { displayName: this.#options.name, fullName: '' };
    const info = this.text({ event: 'x.contact', params: { profile, contactReqId: requestId, ...(welcomeMsgId === undefined ? {} : { welcomeMsgId }) } });
    await this.agent.join(parseLink(link)!, { postQuantum: false, info });
  }

  /** To the host. */
  async say(event: SentEvent, msgId = newMessageId()): Promise<void> {
    await this.agent.send(this.#connection!, this.text(event, msgId));
  }

  events(): string[] {
    return this.heard.map(({ event }) => event);
  }

  of<E extends ReceivedMessage['event']>(event: E): Extract<ReceivedMessage, { event: E }>[] {
    return this.heard.filter((one): one is Extract<ReceivedMessage, { event: E }> => one.event === event);
  }

  /** The first of this event, now or later. */
  async hear<E extends ReceivedMessage['event']>(event: E, count = 1): Promise<Extract<ReceivedMessage, { event: E }>> {
    for (const until = Date.now() + WAIT_MS; Date.now() < until;) {
      const found = this.of(event)[count - 1];
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`no ${event}; there are ${this.events().join()}`);
  }

  close(): void {
    this.agent.close();
  }
}
