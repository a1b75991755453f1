/**
 * Requests to the admin port that served the page. The token stays in this tab (sessionStorage), and is sent to nobody
 * else: paths are relative to the page, and redirects are errors.
 */
import type { Fleet, History, Overview } from '@polyplex/admin-api';

export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** A token is needed, or another one. */
  | { readonly kind: 'token' }
  /** Nothing is served there, by a server that has no such thing. */
  | { readonly kind: 'missing' }
  /** It answers, and why not; in words. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'silent' };

const TOKEN_KEY = 'polyplex-admin-token';
const TIMEOUT_MS = 10_000;

export interface AdminPort {
  /** Of this node when the others cannot be asked. */
  fleet(): Promise<Answer<Fleet>>;
  history(): Promise<Answer<History>>;
  /** null forgets it. */
  setToken(token: string | null): void;
  hasToken(): boolean;
}

export function createAdminPort(): AdminPort {
  return {
    async fleet() {
      const whole = await get('admin/fleet', isFleet);
      if (whole.kind !== 'missing' && whole.kind !== 'refused') return whole;
      const alone = await get('admin/overview', isOverview);
      return alone.kind === 'ok' ? { kind: 'ok', value: { at: alone.value.at, complete: false, nodes: [alone.value] } } : alone;
    },
    history: () => get('admin/history', isHistory),
    setToken(token) {
      if (token === null) sessionStorage.removeItem(TOKEN_KEY);
      else sessionStorage.setItem(TOKEN_KEY, token);
    },
    hasToken: () => sessionStorage.getItem(TOKEN_KEY) !== null,
  };
}

async function get<T>(path: string, isExpected: (value: unknown) => value is T): Promise<Answer<T>> {
  const token = sessionStorage.getItem(TOKEN_KEY);
  try {
    const response = await fetch(new URL(path, document.baseURI), {
      cache: 'no-store',
      redirect: 'error',
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return failureOf(response.status);
    const value: unknown = await response.json();
    return isExpected(value) ? { kind: 'ok', value } : { kind: 'refused', reason: 'It answered something else than the state of a server.' };
  } catch {
    return { kind: 'silent' };
  }
}

const FAILURES: Readonly<Record<number, Answer<never>>> = {
  401: { kind: 'token' },
  403: { kind: 'refused', reason: 'It answers only under a loopback name, such as localhost, because it has no token.' },
  404: { kind: 'missing' },
  429: { kind: 'refused', reason: 'There were too many requests, or too many wrong tokens. It will answer again after a while.' },
};

function failureOf(status: number): Answer<never> {
  return FAILURES[status] ?? { kind: 'refused', reason: `It answered with status ${String(status)}.` };
}

/** What else is wrong with it, a server of another version may have its reasons for: what is missing is not shown. */
function isOverview(value: unknown): value is Overview {
  const { service, node, counters, gauges, latencies, stores, certificates, limits, warnings, notReady } = Object(value) as Partial<Record<keyof Overview, unknown>>;
  const lists = [stores, certificates, limits, warnings, notReady];
  return (service === 'smp' || service === 'xftp' || service === 'ntf' || service === 'bot') && typeof node === 'string' && lists.every(Array.isArray)
    && [counters, gauges, latencies].every((each) => typeof each === 'object' && each !== null);
}

function isFleet(value: unknown): value is Fleet {
  const { nodes } = Object(value) as { nodes?: unknown };
  return Array.isArray(nodes) && nodes.length > 0 && nodes.every(isOverview);
}

function isHistory(value: unknown): value is History {
  const { times, series } = Object(value) as { times?: unknown; series?: unknown };
  return Array.isArray(times) && typeof series === 'object' && series !== null;
}
