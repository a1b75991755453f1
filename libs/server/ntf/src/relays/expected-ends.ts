/** ENDs that we bring about ourselves, by a probe: whoever expects one is told, and nobody else. */
import { idKey } from '@polyplex/base';
import type { LinkContext } from './link-context.ts';

export class ExpectedEnds {
  private readonly link: Pick<LinkContext, 'clock' | 'options'>;
  private readonly waiting = new Map<string, () => void>();

  constructor(link: Pick<LinkContext, 'clock' | 'options'>) {
    this.link = link;
  }

  /** Resolves with whether it comes within the window. */
  expect(entityId: Uint8Array): Promise<boolean> {
    const { clock, options } = this.link;
    const key = idKey(entityId);
    return new Promise((resolve) => {
      const cancel = clock.after(options.probeWindowMs, () => {
        this.waiting.delete(key);
        resolve(false);
      });
      this.waiting.set(key, () => {
        cancel();
        resolve(true);
      });
    });
  }

  /** Whether it was expected. */
  came(entityId: Uint8Array): boolean {
    const key = idKey(entityId);
    const tell = this.waiting.get(key);
    this.waiting.delete(key);
    tell?.();
    return tell !== undefined;
  }
}
