/**
 * Every path of the admin port, as one table: Nest serves what is here, the OpenAPI document and the page about the API
 * are made of it, and the command line asks by it.
 *
 * `role` is who may ask: `open` anybody, `reader` who may look and change nothing, `admin` who may do everything. `of`
 * says which servers have it, the directory bot among them. A route is there when the server has what it needs: a file
 * server has no queues, and a relay on Redis makes no backups.
 */
import type { z } from 'zod';
import type { ServiceName } from './numbers.ts';
import {
  type AuditAction, auditSchema, backupBegunSchema, backupStateSchema, clientsSchema, emptySchema, logLevelSchema, savedSchema, statsSchema,
} from './control.ts';
import { adminListSchema, linkChecksSchema, publishedSchema } from './directory.ts';
import { fileBlockSchema, fileDoneSchema, fileFactsSchema, fileIdSchema } from './files.ts';
import { fleetSchema, historySchema, overviewSchema } from './overview.ts';
import { placeStatesSchema, relayStatesSchema } from './pushing.ts';
import { queueBlockSchema, queueDeletedSchema, queueDoneSchema, queueFactsSchema, queueIdSchema } from './queues.ts';

export type Role = 'open' | 'reader' | 'admin';

/** Text and pages have no schema. */
export interface Answer {
  readonly contentType: string;
  readonly schema: z.ZodType | null;
  readonly describe: string;
}

export interface AdminRoute {
  readonly method: 'GET' | 'POST';
  /** May hold one `:name`. */
  readonly path: string;
  readonly role: Role;
  readonly of: readonly ServiceName[];
  readonly summary: string;
  /** Of the body; only what is posted has one. */
  readonly request: z.ZodType | null;
  readonly answer: Answer;
  /** What else it may answer, besides what every route may: by status code. */
  readonly refusals: Readonly<Record<number, string>>;
  /** What the audit log calls it; null for what changes nothing. */
  readonly audit: AuditAction | null;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';
const HTML = 'text/html; charset=utf-8';

const SMP: readonly ServiceName[] = ['smp'];
const XFTP: readonly ServiceName[] = ['xftp'];
const NTF: readonly ServiceName[] = ['ntf'];
const BOT: readonly ServiceName[] = ['bot'];
const SERVERS: readonly ServiceName[] = ['smp', 'xftp', 'ntf'];
const ALL: readonly ServiceName[] = [...SERVERS, 'bot'];

function json<S extends z.ZodType>(schema: S, describe: string) {
  return { contentType: JSON_TYPE, schema, describe };
}

function text(contentType: string, describe: string) {
  return { contentType, schema: null, describe };
}

interface Look<A extends Answer> {
  readonly role: Role;
  readonly of?: readonly ServiceName[];
  readonly summary: string;
  readonly answer: A;
  readonly refusals?: Readonly<Record<number, string>>;
}

function get<A extends Answer>(path: string, { role, of = ALL, summary, answer, refusals = {} }: Look<A>) {
  return { method: 'GET', path, role, of, summary, request: null, answer, refusals, audit: null } as const;
}

interface Step<Q extends z.ZodType, A extends Answer> extends Look<A> {
  readonly request: Q;
  readonly audit: AuditAction | null;
}

function post<Q extends z.ZodType, A extends Answer>(path: string, { role, of = ALL, summary, request, answer, refusals = {}, audit }: Step<Q, A>) {
  return { method: 'POST', path, role, of, summary, request, answer, refusals, audit } as const;
}

const QUEUE = { 404: 'No queue has this id' };
const SUSPENDED = { 409: 'Its owner has suspended the queue' };
const FILE = { 404: 'No file has a recipient with this id' };

export const ADMIN_ROUTES = {
  page: get('/', { role: 'open', summary: 'The console, a page for people; it holds no data', answer: text(HTML, 'A page') }),
  asset: get('/console/:name', { role: 'open', summary: 'What the console consists of', answer: text('application/octet-stream', 'A script, style or picture'), refusals: { 404: 'No such part' } }),
  live: get('/healthz', { role: 'open', summary: 'Whether the process runs', answer: text(TEXT, '`ok`') }),
  ready: get('/readyz', { role: 'open', summary: 'Whether it should get work', answer: text(TEXT, '`ready`'), refusals: { 503: 'It should not; the message says why' } }),
  openapi: get('/admin/openapi.json', { role: 'open', summary: 'This document', answer: text(JSON_TYPE, 'OpenAPI 3.1') }),
  metrics: get('/metrics', { role: 'reader', summary: 'All metrics', answer: text('text/plain; version=0.0.4; charset=utf-8', 'Prometheus\' text format') }),
  overview: get('/admin/overview', { role: 'reader', summary: 'How this node is', answer: json(overviewSchema, 'State, counters, gauges, latencies, stores, limits, warnings') }),
  fleet: get('/admin/fleet', { role: 'reader', summary: 'How all nodes of the network are', answer: json(fleetSchema, 'An overview of each, this one first') }),
  history: get('/admin/history', { role: 'reader', summary: 'The last hour of this node', answer: json(historySchema, 'Series in steps') }),
  stats: get('/admin/stats', { role: 'reader', of: SERVERS, summary: 'Counters and gauges by the reference\'s names', answer: json(statsSchema, 'Numbers by name') }),
  clients: get('/admin/clients', { role: 'reader', of: SMP, summary: 'How clients are spread', answer: json(clientsSchema, 'Counts') }),
  relays: get('/admin/relays', { role: 'reader', of: NTF, summary: 'How the watched relays are', answer: json(relayStatesSchema, 'A state of each') }),
  places: get('/admin/places', { role: 'reader', of: NTF, summary: 'How the push services are', answer: json(placeStatesSchema, 'Lines and pauses of each') }),
  logLevel: get('/admin/log-level', { role: 'reader', summary: 'What is logged', answer: json(logLevelSchema, 'The least level') }),
  setLogLevel: post('/admin/log-level', {
    role: 'admin', summary: 'Log more or less, until the process ends', request: logLevelSchema, answer: json(logLevelSchema, 'The level from now on'), audit: 'log level',
  }),
  save: post('/admin/save', {
    role: 'admin', summary: 'Write what is only in memory, such as statistics', request: emptySchema, answer: json(savedSchema, 'Written'), audit: 'save',
  }),
  backup: get('/admin/backup', { role: 'reader', of: SERVERS, summary: 'The backup under way, or the last one', answer: json(backupStateSchema, 'Its state') }),
  beginBackup: post('/admin/backup', {
    role: 'admin', of: SERVERS, summary: 'Begin a backup while the server runs', request: emptySchema, answer: json(backupBegunSchema, 'Begun'),
    refusals: { 409: 'Another is under way, or it cannot begin; the message says why' }, audit: 'backup',
  }),
  admins: get('/admin/admins', {
    role: 'admin', of: BOT, summary: 'Whether those whom the settings name have an administrator\'s rights', answer: json(adminListSchema, 'Each entry, and what to put instead'),
  }),
  publish: post('/admin/listing', {
    role: 'admin', of: BOT, summary: 'Bring the web listing up to date now', request: emptySchema, answer: json(publishedSchema, 'Written'),
    refusals: { 409: 'It cannot be written; the log says why' }, audit: 'listing',
  }),
  checkLinks: post('/admin/channel-links', {
    role: 'admin', of: BOT, summary: 'Read the links of all channels again now', request: emptySchema, answer: json(linkChecksSchema, 'Due now'),
    refusals: { 409: 'Links are not read again: `botDirectory.linkCheckInterval` is 0' }, audit: 'link check',
  }),
  audit: get('/admin/audit', { role: 'admin', summary: 'What operators did', answer: json(auditSchema, 'The latest steps') }),
  queueStatus: post('/admin/queues/status', {
    role: 'reader', of: SMP, summary: 'What state a queue is in', request: queueIdSchema, answer: json(queueFactsSchema, 'Its state'), refusals: QUEUE, audit: null,
  }),
  queueBlock: post('/admin/queues/block', {
    role: 'admin', of: SMP, summary: 'Accept nothing more for a queue, and tell its owner why', request: queueBlockSchema, answer: json(queueDoneSchema, 'Blocked'),
    refusals: { ...QUEUE, ...SUSPENDED, 429: 'No more queues may be blocked today' }, audit: 'queue block',
  }),
  queueUnblock: post('/admin/queues/unblock', {
    role: 'admin', of: SMP, summary: 'Undo a block', request: queueIdSchema, answer: json(queueDoneSchema, 'Active'), refusals: { ...QUEUE, ...SUSPENDED }, audit: 'queue unblock',
  }),
  queueDelete: post('/admin/queues/delete', {
    role: 'admin', of: SMP, summary: 'Delete a queue with its messages', request: queueIdSchema, answer: json(queueDeletedSchema, 'Deleted'), refusals: QUEUE, audit: 'queue delete',
  }),
  fileStatus: post('/admin/files/status', {
    role: 'reader', of: XFTP, summary: 'What state a file is in', request: fileIdSchema, answer: json(fileFactsSchema, 'Its state'), refusals: FILE, audit: null,
  }),
  fileBlock: post('/admin/files/block', {
    role: 'admin', of: XFTP, summary: 'Take a file\'s content away for good, and tell who asks for it why', request: fileBlockSchema, answer: json(fileDoneSchema, 'Blocked'),
    refusals: FILE, audit: 'file block',
  }),
  fileUnblock: post('/admin/files/unblock', {
    role: 'admin', of: XFTP, summary: 'Let the sender upload a blocked file again; what was there is gone', request: fileIdSchema, answer: json(fileDoneSchema, 'No longer blocked'),
    refusals: FILE, audit: 'file unblock',
  }),
  fileDelete: post('/admin/files/delete', {
    role: 'admin', of: XFTP, summary: 'Delete a file, for all its recipients', request: fileIdSchema, answer: json(fileDoneSchema, 'Deleted'), refusals: FILE, audit: 'file delete',
  }),
} as const satisfies Readonly<Record<string, AdminRoute>>;

type Routes = typeof ADMIN_ROUTES;
export type RouteName = keyof Routes;

/** What is posted to a route; `undefined` for one that takes nothing. */
export type RequestOf<N extends RouteName> = Routes[N]['request'] extends z.ZodType ? z.infer<Routes[N]['request']> : undefined;
/** What a route answers; of those without a schema, text. */
export type AnswerOf<N extends RouteName> = Routes[N]['answer'] extends { readonly schema: infer S extends z.ZodType } ? z.infer<S> : string;
