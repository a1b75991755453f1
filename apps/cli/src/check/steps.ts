/** Steps of a check: each is timed and reported as it ends, and the first that fails ends the check. */

export interface StepResult {
  readonly name: string;
  readonly milliseconds: number;
  /** What went wrong; null when the step succeeded. */
  readonly failure: unknown;
}

export interface CheckReport {
  /** The version that was agreed on; null when there was no session. */
  readonly version: number | null;
  readonly steps: readonly StepResult[];
}

/** Times `work` from `start`, in milliseconds of `performance.now()`; default from now. */
export type Step = <T>(name: string, work: () => Promise<T>, start?: number) => Promise<T>;

/** A session with a server. */
export interface CheckedClient {
  readonly version: number;
  close(): void;
}

/** Takes the steps of `journey`; what failed is in the last of the report. Sessions that it adds are closed. */
export async function runSteps(onStep: (step: StepResult) => void, journey: (step: Step, clients: CheckedClient[]) => Promise<void>): Promise<CheckReport> {
  const steps: StepResult[] = [];
  const clients: CheckedClient[] = [];
  const step: Step = async (name, work, start = performance.now()) => {
    const end = (failure: unknown): void => {
      const result = { name, milliseconds: performance.now() - start, failure };
      steps.push(result);
      onStep(result);
    };
    try {
      const value = await work();
      end(null);
      return value;
    } catch (error) {
      end(error);
      throw error;
    }
  };
  try {
    await journey(step, clients);
  } catch (error) {
    if (steps.at(-1)?.failure !== error) throw error; // only what a step reported is an outcome
  } finally {
    for (const client of clients) client.close();
  }
  return { version: clients[0]?.version ?? null, steps };
}

/** Rejects with that failure when the work takes longer. */
export async function inTime<T>(work: Promise<T>, timeoutMs: number, failure: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(failure)), timeoutMs);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
