/** Steps that are under way at once: many small ones or few large ones. */

const MAX_STEPS = 256;
const MAX_BYTES = 8 * 1024 * 1024;

export class InFlight {
  private readonly steps = new Set<Promise<void>>();
  private bytes = 0;
  private failure: { readonly error: unknown } | null = null;

  /** Starts a step when there is room for it. Throws what an earlier step failed with. */
  async start(bytes: number, step: () => Promise<void>): Promise<void> {
    while (this.steps.size > 0 && (this.steps.size >= MAX_STEPS || this.bytes + bytes > MAX_BYTES)) await Promise.race(this.steps);
    this.throwFailure();
    this.bytes += bytes;
    const running = step().catch((error: unknown) => void (this.failure ??= { error })).then(() => {
      this.bytes -= bytes;
      this.steps.delete(running);
    });
    this.steps.add(running);
  }

  /** Resolves when none is under way; throws what one failed with. */
  async settled(): Promise<void> {
    await Promise.all(this.steps);
    this.throwFailure();
  }

  private throwFailure(): void {
    if (this.failure !== null) throw this.failure.error;
  }
}
