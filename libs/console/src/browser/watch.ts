/**
 * Asks the server every few seconds while somebody looks: not while the page is hidden, less often while nothing answers,
 * and not at all while a token is missing. After each pause the hour that the node remembers is fetched again.
 */
import type { Fleet, History } from '@polyplex/admin-api';
import type { AdminPort, Answer } from './admin-port.ts';

const EVERY_MS = 3000;
const SLOWEST_MS = 15_000;
/** After so long without an answer the charts miss something. */
const PAUSE_MS = 20_000;

export type Link =
  | { readonly state: 'starting' | 'live' }
  /** `wrong`: there was one, and it was refused. */
  | { readonly state: 'token'; readonly wrong: boolean }
  /** `reason` null: nothing answers. `since`: milliseconds of the browser's clock. */
  | { readonly state: 'lost'; readonly reason: string | null; readonly since: number };

export interface Told {
  onFleet(fleet: Fleet, now: number): void;
  onHistory(history: History): void;
  onLink(link: Link): void;
}

export interface Watch {
  /** Asks at once. */
  again(): void;
}

export function createWatch(port: AdminPort, told: Told): Watch {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let answeredAt: number | null = null;
  let lostAt: number | null = null;
  /** Counts the rounds, so that one that was overtaken changes nothing. */
  let round = 0;

  async function ask(): Promise<void> {
    const mine = ++round;
    clearTimeout(timer);
    const answer = await port.fleet();
    if (mine !== round) return;
    const now = Date.now();
    if (answer.kind === 'token') return told.onLink({ state: 'token', wrong: port.hasToken() });
    if (answer.kind === 'ok') await take(answer.value, now);
    else lose(answer, now);
    if (mine === round && !document.hidden) timer = setTimeout(() => void ask(), Math.min(EVERY_MS * (failures + 1), SLOWEST_MS));
  }

  async function take(fleet: Fleet, now: number): Promise<void> {
    const hadPause = answeredAt === null || now - answeredAt > PAUSE_MS;
    [failures, lostAt, answeredAt] = [0, null, now];
    told.onFleet(fleet, now);
    told.onLink({ state: 'live' });
    const history = hadPause ? await port.history() : null;
    if (history?.kind === 'ok') told.onHistory(history.value);
  }

  function lose(answer: Answer<Fleet>, now: number): void {
    failures += 1;
    lostAt ??= answeredAt ?? now;
    told.onLink({ state: 'lost', reason: answer.kind === 'refused' ? answer.reason : answer.kind === 'missing' ? 'It has no state to show.' : null, since: lostAt });
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer);
    else void ask();
  });
  void ask();
  return { again: () => void ask() };
}
