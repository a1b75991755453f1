/** What became of the files, counted by how it ended, with the lines of the log that an operator may look at. */
import type { CheckOutcome, ImportOutcome, LoggedFile, VerifyOutcome } from '@polyplex/store-transfer';
import { countText, sizeText } from '../moving/progress.ts';
import type { Row } from '../moving/summary.ts';

export type Outcome = ImportOutcome | CheckOutcome | VerifyOutcome;

/** In the order in which they are told. */
const WRONG: readonly (readonly [outcome: Outcome, text: string])[] = [
  ['MISSING', 'body is missing'],
  ['SIZE', 'body has another size'],
  ['DIGEST', 'body has another content'],
  ['UNREADABLE', 'body cannot be read'],
  ['COLLISION', 'others in the store have their ids'],
  ['ABSENT', 'are not in the store'],
  ['DIFFERENT', 'are otherwise in the store'],
];

const SHOWN_LINES = 20;

interface Count {
  files: number;
  recipients: number;
  withBody: number;
  bytes: number;
  readonly lines: number[];
}

export class Tally {
  private readonly counts = new Map<Outcome, Count>();
  files = 0;
  /** Of bodies, whatever became of them. */
  bytes = 0;

  add({ line, file, body, recipients }: LoggedFile, outcome: Outcome): void {
    const count = this.of(outcome);
    this.counts.set(outcome, count);
    count.files++;
    count.recipients += recipients.length;
    if (body !== null) {
      count.withBody++;
      count.bytes += file.size;
      this.bytes += file.size;
    }
    if (count.lines.length < SHOWN_LINES) count.lines.push(line);
    this.files++;
  }

  of(outcome: Outcome): Count {
    return this.counts.get(outcome) ?? { files: 0, recipients: 0, withBody: 0, bytes: 0, lines: [] };
  }

  /** Of these outcomes together. */
  sum(...outcomes: readonly Outcome[]): Omit<Count, 'lines'> {
    const counts = outcomes.map((outcome) => this.of(outcome));
    const total = (of: (count: Count) => number): number => counts.reduce((sum, count) => sum + of(count), 0);
    return { files: total(({ files }) => files), recipients: total(({ recipients }) => recipients), withBody: total(({ withBody }) => withBody), bytes: total(({ bytes }) => bytes) };
  }

  /** Files that are not as they should be. */
  get wrong(): number {
    return this.sum(...WRONG.map(([outcome]) => outcome)).files;
  }

  wrongRows(): Row[] {
    return WRONG.map(([outcome, text]) => ({ text, ...this.of(outcome) })).filter(({ files }) => files > 0).map(({ text, files, lines }) =>
      ['', `${countText(files)}: ${text} (${linesText(files, lines)})`] as const);
  }

  /** What is not wrong, and yet not as the log has it. */
  otherRows(): Row[] {
    const [expired, changed] = [this.of('EXPIRED'), this.of('CHANGED')];
    return [
      ...(expired.files === 0 ? [] : [['Expired', `${countText(expired.files)} files, ${sizeText(expired.bytes)}; passed over`] as const]),
      ...(changed.files === 0 ? [] : [['Changed', `${countText(changed.files)} files are there already, and were used since; they stay as they are`] as const]),
    ];
  }
}

function linesText(files: number, lines: readonly number[]): string {
  const shown = [...lines].sort((a, b) => a - b).join(', ');
  return `${files === 1 ? 'line' : 'lines'} ${shown}${files > lines.length ? ', …' : ''}`;
}
