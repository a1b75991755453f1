/** How far a file has come, phase after phase: one line at a time. */
import type { TransferPhase, TransferProgress } from '@polyplex/client';
import { Progress, sizeText } from '../moving/progress.ts';

export class FileProgress {
  private phase: TransferPhase | null = null;
  private shown: Progress | null = null;

  readonly update = ({ phase, done, total }: TransferProgress): void => {
    if (phase !== this.phase) {
      this.end();
      this.phase = phase;
      this.shown = new Progress(phase);
    }
    this.shown?.update({ done: [`${sizeText(done)} of ${sizeText(total)}`], bytes: done, share: total === 0 ? null : done / total });
  };

  /** Makes room for what comes next. */
  readonly end = (): void => this.shown?.end();
}
