/** Asks the admin port of a running server, by the table of its routes. */
import { ADMIN_ROUTES, type AnswerOf, refusalSchema, type RequestOf, type RouteName } from '@polyplex/admin-api';
import { CliError } from './report-failure.ts';

const TIMEOUT_MS = 30_000;

export interface AdminTarget {
  /** What is asked, in words. */
  readonly noun: string;
  /** Without a slash at its end. */
  readonly url: string;
  /** Null where none is needed. */
  readonly token: string | null;
  /** What to look at when something else answers there. */
  readonly check: string;
}

/** Rejects with `CliError` FAILED when the server refuses, is not there, or is another one. */
export async function ask<N extends RouteName>(target: AdminTarget, name: N, body?: RequestOf<N>): Promise<AnswerOf<N>> {
  const { noun, url, check } = target;
  const response = await send(target, name, body).catch((error: unknown) => {
    throw new CliError('FAILED', `the ${noun}'s admin port does not answer at ${url}: is the ${noun} running?`, { cause: error });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const refusal = refusalSchema.safeParse(answer);
    if (refusal.success) throw new CliError('FAILED', refusalText(noun, refusal.data));
  } else {
    const read = ADMIN_ROUTES[name].answer.schema?.safeParse(answer);
    if (read?.success === true) return read.data as AnswerOf<N>;
  }
  throw new CliError('FAILED', `what answers at ${url} is not the ${noun}'s admin port (HTTP status ${response.status}): check ${check}`);
}

function send({ url, token }: AdminTarget, name: RouteName, body: unknown): Promise<Response> {
  const { method, path } = ADMIN_ROUTES[name];
  const headers = { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) };
  // Where a redirect leads to, the token must not go.
  const options = { method, headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
  return fetch(`${url}${path}`, method === 'POST' ? { ...options, body: JSON.stringify(body) } : options);
}

/** A path that a server does not have is answered in the words of its framework. */
function refusalText(noun: string, { statusCode, message }: { readonly statusCode: number; readonly message: string }): string {
  const isPath = statusCode === 404 && /^Cannot (GET|POST) /.test(message);
  return isPath ? `the ${noun} there cannot do this, as it is set up` : `refused: ${message}`;
}

/** Where a server that listens on all addresses is reached from its own machine. */
const OWN: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

export function adminUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${OWN[host] ?? (host.includes(':') ? `[${host}]` : host)}:${String(port)}`;
}
