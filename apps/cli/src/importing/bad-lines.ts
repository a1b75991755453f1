/** Lines that are wrong: all are counted, and the first ones told. */
import type { BadLine } from '@polyplex/store-transfer';
import { countText } from '../moving/progress.ts';

const SHOWN_LINES = 100;

export class BadLines {
  bad = 0;
  /** Of these, lines for want of which something may be missing. */
  losing = 0;
  private readonly shown: string[] = [];
  private readonly path: string;

  /** `path`: of the file that the lines are in. */
  constructor(path: string) {
    this.path = path;
  }

  /** `text`: such as "line 7 is longer than any record". */
  add({ loses }: Pick<BadLine<string>, 'loses'>, text: string): void {
    this.bad++;
    if (loses) this.losing++;
    if (this.shown.length < SHOWN_LINES) this.shown.push(text);
  }

  /** Writes them to the standard error stream. */
  tell(): void {
    for (const text of this.shown) process.stderr.write(`${this.path}: ${text}\n`);
    if (this.bad > this.shown.length) process.stderr.write(`${this.path}: ${countText(this.bad - this.shown.length)} more lines are wrong\n`);
  }
}
