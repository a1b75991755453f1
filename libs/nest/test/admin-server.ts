/** An admin port with everything, over sources that answer what they are told to. */
import { request } from 'node:http';
import type { Fleet, History, Overview, RelayStates } from '@polyplex/admin-api';
import { silentLogger } from '@polyplex/telemetry';
import type { AdminApp, AdminAppOptions, AuditLog, FileAdmin, QueueAdmin } from '../src/index.ts';
import { createAdminApp } from '../src/index.ts';

export const ID = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
export const ADMIN = 'token-of-the-administrator';
export const READER = 'token-of-the-reader';
const AT = '2026-01-01T00:00:00.000Z';

const overview: Overview = {
  service: 'smp', node: 'one', version: '1.2.3', address: 'smp://x@localhost', at: AT, startedAt: AT, state: 'running', notReady: [],
  counters: { commands: 1 }, rates: {}, gauges: { sessions: null }, latencies: {}, stores: [], certificates: [], limits: [], warnings: [],
};
const fleet: Fleet = { at: AT, complete: true, nodes: [overview] };
const history: History = { stepSeconds: 5, times: [AT], series: { commands: [null] } };

export const queues: QueueAdmin = {
  status: async (id) => (id === ID ? { status: 'active', mode: 'contact', usedDay: '2026-01-01', messages: 2 } : 'missing'),
  block: async (id) => (id === ID ? 'ok' : 'missing'),
  unblock: async (id) => (id === ID ? 'ok' : 'refused'),
  delete: async (id) => (id === ID ? { messages: 3 } : 'malformed'),
};

const files: FileAdmin = {
  status: async (id) => (id === ID ? { status: 'active', size: 65_536, created: '2026-01-01T10:00Z' } : 'missing'),
  block: async () => 'ok',
  unblock: async () => 'ok',
  delete: async (id) => (id === ID ? 'ok' : 'malformed'),
};

export interface AuditLines extends AuditLog {
  readonly lines: Parameters<AuditLog['append']>[0][];
}

export function auditLines(): AuditLines {
  const lines: AuditLines['lines'] = [];
  return {
    lines,
    targetOf: (id) => `hash of ${String(id.length)} characters`,
    ready: async () => undefined,
    append: async (entry) => void lines.push(entry),
    latest: async () => lines.map((entry) => ({ time: AT, ...entry })),
    takenToday: async () => 0,
  };
}

const RELAY: RelayStates['relays'][number] = {
  relay: 'relay.example', isOwn: true, state: 'subscribed', awaySeconds: null, awayCause: null, subscriptions: 2, active: 1, inService: 0, activeInService: 0, waiting: 0,
  troubles: ['fewer'],
};

export const everything: Partial<AdminAppOptions> = {
  page: { html: '<!doctype html><title>Console</title>', policy: 'default-src \'self\'', assets: new Map([['console.js', { contentType: 'text/javascript; charset=utf-8', content: new TextEncoder().encode('let a;') }]]) },
  overview: async () => overview,
  fleet: async () => fleet,
  history: () => history,
  stats: async () => ({ qCreated: 1 }),
  clients: () => ({ connections: 2, byVersion: { v18: 2 }, bySubscriptions: { '10-99': 2 } }),
  save: async () => undefined,
  logControl: { level: 'info', setLevel: () => undefined, recent: () => [] },
  backup: { begin: async () => '2026-01-01', state: () => null },
  queues,
  files,
  directory: {
    admins: async () => ({ admins: [{ setting: 'botDirectory.superUsers', entry: '1:anna', state: 'renamed', entryNow: '1:anna b' }] }),
    publish: async () => ({ at: AT, groups: 3 }),
    checkLinks: async () => ({ channels: 2 }),
  },
  relays: () => ({ total: 1, relays: [RELAY] }),
  places: () => ({ total: 1, places: [{ place: 'apns_prod', queued: 1, inFlight: 0, pausedSeconds: null, oldestSeconds: 0.5 }] }),
};

/** Without tokens unless they are given. */
export function startAdmin(options: Partial<AdminAppOptions> = {}): Promise<AdminApp> {
  return createAdminApp({
    host: '127.0.0.1', port: 0, token: null, title: 'A <relay>',
    health: { notReady: async () => [] }, metrics: { text: async () => 'answer 42\n' },
    logger: silentLogger,
    ...options,
  });
}

export interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** With any header, Host included, which fetch does not let one choose. */
export function ask({ port }: AdminApp, { method, path, body, headers = {} }: Sent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers: { ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }), ...headers } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(pieces).toString() }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
