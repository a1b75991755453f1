/** Words between nodes, as `Posts` and `Inbox` carry them. */
import type { Word } from '../../src/words.ts';
import type { SimNode } from './node.ts';
import type { World } from './world.ts';

/** What stands where words did not fit. */
const OVERFLOW = '!';

interface Reader {
  readonly heard: (word: Word) => void;
  /** Words may have been lost. */
  readonly missed: () => void;
}

export function wordText(word: Word): string {
  const { id, epoch } = word as { id: Uint8Array; epoch: number };
  return `${word.type} of q${String(id[0])} e${String(epoch)}`;
}

export class Mail {
  private inbox: (Word | typeof OVERFLOW)[] = [];
  private isReading = false;
  private readonly outboxes = new Map<SimNode, Word[]>();
  private readonly world: World;
  private readonly node: SimNode;
  private readonly reader: Reader;

  constructor(world: World, node: SimNode, reader: Reader) {
    this.world = world;
    this.node = node;
    this.reader = reader;
  }

  get hasUnsent(): boolean {
    return this.outboxes.size > 0;
  }

  post(to: SimNode, word: Word): void {
    const { world, node, outboxes } = this;
    world.log(() => `${node.name}: posts ${wordText(word)} to ${to.name}`);
    const words = outboxes.get(to);
    if (words !== undefined) return void words.push(word);
    outboxes.set(to, [word]);
    world.atRedis(node, () => this.flush(to));
  }

  /** What was posted to a node goes together. */
  private flush(to: SimNode): void {
    const { world, node, outboxes } = this;
    const words = outboxes.get(to)!;
    if (!node.isAlive) return;
    // A node that stands still sends nothing more.
    if (node.isStopped) return void node.held.push(() => world.atRedis(node, () => this.flush(to)));
    outboxes.delete(to);
    if (!world.isFault()) return to.mail.arrive(words);
    const how = world.choose(3);
    world.log(() => `  words from ${node.name} to ${to.name} ${['are lost', 'arrive twice', 'arrive again later'][how]!}`);
    if (how > 0) to.mail.arrive(words);
    if (how === 1) to.mail.arrive(words);
    if (how === 2) world.atRedis(node, () => to.mail.arrive(words));
  }

  private arrive(words: readonly Word[]): void {
    const { world, node } = this;
    if (!node.isAlive) return;
    if (this.inbox.length + words.length > world.shape.inboxCapacity) {
      world.log(() => `Redis: the inbox of ${node.name} overflows`);
      this.inbox = [OVERFLOW];
    } else this.inbox.push(...words);
    this.read();
  }

  /** A read takes what there is; its reply comes later, or is lost with the connection. */
  private read(): void {
    const { world, node, reader } = this;
    if (this.isReading || this.inbox.length === 0) return;
    this.isReading = true;
    world.atRedis(node, () => {
      const words = this.inbox;
      this.inbox = [];
      const isLost = world.isFault();
      world.later(node, () => {
        this.isReading = false;
        if (isLost) reader.missed();
        else for (const word of words) this.hear(word);
        this.read();
      });
    });
  }

  private hear(word: Word | typeof OVERFLOW): void {
    if (word === OVERFLOW) this.reader.missed();
    else this.reader.heard(word);
  }

  /** What waits in the inbox is lost with its server. */
  wipe(): void {
    this.inbox = [];
  }
}
