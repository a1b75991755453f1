/** Who joins a group by its link, says who it is, and answers nothing else. */
import { Agent, type AgentOptions } from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import { parseLink } from '@polyplex/protocol-agent';
import { type BodyPart, CHAT_VERSIONS, formatMessage, newMessageId, parseBody, type SentEvent } from '@polyplex/protocol-chat';
import { MemoryRecordStore } from '@polyplex/testing';

const bytesOf = (event: SentEvent, msgId?: string): Uint8Array => utf8(formatMessage({ ...event, versions: CHAT_VERSIONS, ...(msgId === undefined ? {} : { msgId }) }));

export class Joiner {
  /** Of how many it was told. */
  introduced = 0;
  /** Whether the welcome message has come, which is the last of what a newcomer is sent. */
  isWelcomed = false;
  readonly welcomed: Promise<void>;
  readonly #agent: Agent;
  readonly #name: string;
  readonly #welcome: () => void;
  #connection: string | null = null;

  constructor(network: Pick<AgentOptions, 'servers' | 'openRelays' | 'clock'>, name: string) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.welcomed = promise;
    this.#welcome = resolve;
    this.#name = name;
    this.#agent = new Agent({
      ...network, store: new MemoryRecordStore(),
      inStep: (event, step) => {
        if (event.type === 'confirmation') {
          this.#connection = event.connectionId;
          step.allow(event.offerId, bytesOf({ event: 'x.info', params: { profile: { displayName: name, fullName: '' } } }));
        }
        if (event.type !== 'message') return;
        for (const part of parseBody(event.body)) this.#take(part);
        step.acknowledge(event.connectionId, event.messageId);
      },
    });
    this.#agent.start();
  }

  #take(part: BodyPart): void {
    if (part.kind !== 'message') return;
    if (part.message.event === 'x.grp.mem.intro') this.introduced++;
    if (part.message.event !== 'x.msg.new') return;
    this.isWelcomed = true;
    this.#welcome();
  }

  async join(link: string): Promise<void> {
    const profile = { displayName: this.#name, fullName: '' };
    await this.#agent.join(parseLink(link)!, { postQuantum: false, info: bytesOf({ event: 'x.contact', params: { profile, contactReqId: newMessageId() } }) });
  }

  /** To the group. */
  async say(text: string): Promise<void> {
    await this.#agent.send(this.#connection!, bytesOf({ event: 'x.msg.new', params: { content: { type: 'text', text } } }, newMessageId()));
  }

  close(): void {
    this.#agent.close();
  }
}
