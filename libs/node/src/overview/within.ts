/** Answers that must not keep an overview or a scrape waiting: a Redis that is away is asked for ten seconds, and whoever looks wants to see that. */

const ANSWER_MS = 1500;

/** What the promise gives, or null when it rejects or takes longer. */
export async function orNull<T>(promise: Promise<T>, timeoutMs = ANSWER_MS): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, timeoutMs, null);
  try {
    return await Promise.race([promise.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
