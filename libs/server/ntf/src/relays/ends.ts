/**
 * END of queues: another connection subscribed, and for good (NTF §2.5). Unless it is one of our own: when a node was slow
 * and another took the relay over, each of its queues ends here and goes on there. So the claim is looked at first.
 */
import { copyBytes } from '@polyplex/base';
import type { LinkContext } from './link-context.ts';
import type { Reading } from './reading.ts';
import type { StatusWriter } from './status-writer.ts';
import { untilStored } from './until-stored.ts';

export class Ends {
  private readonly link: LinkContext;
  private readonly writer: StatusWriter;
  private readonly reading: Reading;
  private waiting: Uint8Array[] = [];
  private working: Promise<void> | null = null;
  private stopped = false;

  constructor(link: LinkContext, writer: StatusWriter, reading: Reading) {
    this.link = link;
    this.writer = writer;
    this.reading = reading;
  }

  /** The id may be a view: it is copied. */
  add(notifierId: Uint8Array): void {
    this.waiting.push(copyBytes(notifierId));
    this.reading.wait(1);
    this.working ??= this.work();
  }

  /** Whether the relay is still ours; null when nobody wants to know any more. */
  isOurs(): Promise<boolean | null> {
    return untilStored(() => this.link.verifyClaim(this.link.relay), this.link.insist(() => !this.stopped));
  }

  stop(): void {
    this.stopped = true;
    this.reading.wait(-this.waiting.splice(0).length);
  }

  private async work(): Promise<void> {
    await Promise.resolve(); // all of a block together
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0);
      const isOurs = await this.isOurs();
      if (isOurs === true) await this.writer.write(batch.map((notifierId) => ({ notifierId, status: 'END' })));
      else this.link.relayStats.endsOfTakeover.add(batch.length);
      this.reading.wait(-batch.length);
    }
    this.working = null;
  }
}
