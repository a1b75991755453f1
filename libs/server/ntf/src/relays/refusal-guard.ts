/**
 * Whether a relay that refuses may be believed. Each queue that is gone is refused with AUTH, and that is for good; a relay
 * that moved to another host, or came back without its data, refuses all. Its subscriptions are not given up on its first
 * word: the answers are held back, the operator is told, and only when it goes on for hours they are taken for true.
 */
import type { SubscriptionChange, SubscriptionRecord } from '@polyplex/store-contract';
import type { LinkContext } from './link-context.ts';

export interface Answered {
  readonly record: SubscriptionRecord;
  readonly change: SubscriptionChange;
}

export class RefusalGuard {
  /** Since when nearly everything has been refused, Unix milliseconds; null: it is not. */
  since: number | null = null;
  private readonly link: Pick<LinkContext, 'clock' | 'options'>;
  private held: SubscriptionChange[] = [];
  private answered = 0;
  private refused = 0;
  private decided: 'believed' | 'doubted' | null = null;

  constructor(link: Pick<LinkContext, 'clock' | 'options'>) {
    this.link = link;
  }

  /** A walk over all subscriptions begins. */
  begin(): void {
    this.held = [];
    this.answered = 0;
    this.refused = 0;
    this.decided = null;
  }

  get doubts(): boolean {
    return this.decided === 'doubted';
  }

  /** What may be written of these answers now. */
  take(answers: readonly Answered[]): readonly SubscriptionChange[] {
    if (this.decided === 'doubted') return answers.filter(isGood).map(changeOf);
    if (this.decided === 'believed') return answers.map(changeOf);
    for (const { record, change } of answers) {
      // A new one says nothing: its queue may never have been there.
      if (record.status !== 'ACTIVE' && record.status !== 'INACTIVE') continue;
      this.answered++;
      if (change.status === 'AUTH') this.refused++;
    }
    const bad = answers.filter((answer) => !isGood(answer)).map(changeOf);
    const good = answers.filter(isGood).map(changeOf);
    this.held.push(...bad);
    if (this.answered < this.link.options.refusalSample) return good;
    return [...good, ...this.decide()];
  }

  /** The walk is over: what may be written of what was held back. */
  end(): readonly SubscriptionChange[] {
    return this.decided === null ? this.decide() : [];
  }

  get heldCount(): number {
    return this.held.length;
  }

  private decide(): readonly SubscriptionChange[] {
    const { clock, options } = this.link;
    const looksLost = this.answered >= options.refusalSample && this.refused >= this.answered * options.refusalShare;
    if (!looksLost) this.since = null;
    else this.since ??= clock.now();
    const doubted = this.since !== null && clock.now() - this.since < options.refusalHoldMs;
    this.decided = doubted ? 'doubted' : 'believed';
    return doubted ? [] : this.held.splice(0);
  }
}

const isGood = ({ change }: Answered): boolean => change.status !== 'AUTH';
const changeOf = ({ change }: Answered): SubscriptionChange => change;
