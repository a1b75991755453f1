/** What the saved messages of a queue come to, by the rules of a queue's quota (SMP §6.2, §9.4). */
import { toBase64Url } from '@polyplex/base';
import type { Message } from '@polyplex/store-contract';
import type { BadLine } from '../text-log/bad-line.ts';
import type { EntryFault } from './entry-fault.ts';
import type { EntryLine } from './entry-file.ts';
import { readMessage } from './entry-line.ts';

/** Takes the lines of one queue. At most one marker is kept, and it is the last. */
export class MessageFold {
  private readonly kept: Message[] = [];
  private readonly ids = new Set<string>();
  private readonly quota: number;
  private readonly onBadLine: (bad: BadLine<EntryFault>) => void;
  private isFull = false;

  constructor(quota: number, onBadLine: (bad: BadLine<EntryFault>) => void) {
    this.quota = quota;
    this.onBadLine = onBadLine;
  }

  take({ line, rest }: EntryLine): void {
    const message = readMessage(rest);
    if (typeof message === 'string') return this.onBadLine({ line, fault: message, loses: true });
    const id = toBase64Url(message.msgId);
    if (this.ids.has(id)) return this.onBadLine({ line, fault: 'REPEATED', loses: false });
    const isMarker = message.kind === 'quota';
    // Of two markers with nothing before them the second one counts.
    if (isMarker && this.kept[0]?.kind === 'quota') this.kept.length = 0;
    if (this.isFull && this.kept.length > 0) return this.onBadLine({ line, fault: 'MARKED', loses: !isMarker });
    this.ids.add(id);
    this.append(message, line);
  }

  private append(message: Message, line: number): void {
    this.isFull = message.kind === 'quota' || this.kept.length >= this.quota;
    if (message.kind === 'message' && this.isFull) this.onBadLine({ line, fault: 'FULL', loses: true });
    this.kept.push(this.isFull ? { kind: 'quota', msgId: message.msgId, ts: message.ts } : message);
  }

  /** What waits, and how many messages at its head were older than `from` (seconds); a marker ends those (SMP §8.4). */
  messages(from: number): { readonly messages: readonly Message[]; readonly expired: number } {
    const first = this.kept.findIndex(({ kind, ts }) => kind === 'quota' || ts >= from);
    const expired = first === -1 ? this.kept.length : first;
    return { messages: this.kept.slice(expired), expired };
  }
}
