/**
 * Whether a node should get work: not while it drains, and not while something fails that all its work needs. Reasons
 * are words for an operator, from a closed set, without details that would tell a stranger more than a refused
 * connection does: `/readyz` is open.
 */
import { SECOND } from '@polyplex/base';

/** Says what is wrong; empty where nothing is. Rejects where it cannot tell. */
export interface Check {
  /** The reason where it does not answer. */
  readonly failed: string;
  readonly reasons: () => Promise<readonly string[]> | readonly string[];
}

/** A check that has not answered by then has failed: who asks must have an answer before it gives up itself. */
const ANSWER_WITHIN_MS = 3 * SECOND;

export class Readiness {
  readonly isDraining: () => boolean;
  private readonly checks: readonly Check[];
  private asked: Promise<readonly string[]> | null = null;

  constructor(isDraining: () => boolean, checks: readonly Check[]) {
    this.isDraining = isDraining;
    this.checks = checks;
  }

  /** Empty when it is ready; never rejects. Those who ask meanwhile get the same answer. */
  readonly notReady = (): Promise<readonly string[]> => {
    if (this.isDraining()) return Promise.resolve(['draining']);
    this.asked ??= this.ask().finally(() => (this.asked = null));
    return this.asked;
  };

  private async ask(): Promise<readonly string[]> {
    const answers = await Promise.all(this.checks.map((check) => answerOf(check)));
    return answers.flat();
  }
}

async function answerOf({ failed, reasons }: Check): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([failed]), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([reasons(), late]);
  } catch {
    return [failed]; // why, is in the log and in the metrics
  } finally {
    clearTimeout(timer);
  }
}

/** A store, by its own check; `failed` is what is wrong where that rejects. */
export function answers(store: { check(): Promise<void> }, failed: string): Check {
  return { failed, reasons: async () => store.check().then(() => []) };
}
