/** The table of routes as an OpenAPI 3.1 document, whose schemas are those of JSON Schema 2020-12. */
import { z } from 'zod';
import {
  auditEntrySchema, auditSchema, backupBegunSchema, backupStateSchema, clientsSchema, emptySchema, logLevelSchema, refusalSchema, savedSchema, statsSchema,
} from './control.ts';
import { adminListSchema, linkChecksSchema, publishedSchema } from './directory.ts';
import { fileBlockSchema, fileDoneSchema, fileFactsSchema, fileIdSchema } from './files.ts';
import { fleetSchema, historySchema, overviewSchema } from './overview.ts';
import { placeStatesSchema, relayStatesSchema } from './pushing.ts';
import { queueBlockSchema, queueDeletedSchema, queueDoneSchema, queueFactsSchema, queueIdSchema } from './queues.ts';
import type { ServiceName } from './numbers.ts';
import { ADMIN_ROUTES, type AdminRoute } from './routes.ts';

type Json = Readonly<Record<string, unknown>>;

/** Every schema by the name that the document gives it. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  Overview: overviewSchema, Fleet: fleetSchema, History: historySchema, Stats: statsSchema, Clients: clientsSchema, LogLevel: logLevelSchema,
  Nothing: emptySchema, Saved: savedSchema, BackupState: backupStateSchema, BackupBegun: backupBegunSchema, AuditEntry: auditEntrySchema, Audit: auditSchema,
  QueueId: queueIdSchema, QueueBlock: queueBlockSchema, QueueFacts: queueFactsSchema, QueueDone: queueDoneSchema, QueueDeleted: queueDeletedSchema,
  FileId: fileIdSchema, FileBlock: fileBlockSchema, FileFacts: fileFactsSchema, FileDone: fileDoneSchema, RelayStates: relayStatesSchema, PlaceStates: placeStatesSchema,
  AdminList: adminListSchema, Published: publishedSchema, LinkChecks: linkChecksSchema,
  Refusal: refusalSchema,
};

const REF = '#/components/schemas/';

const NOUNS: Readonly<Record<ServiceName, string>> = { smp: 'the relay', xftp: 'the file server', ntf: 'the push proxy', bot: 'the directory bot' };

/** Why any route may refuse, by its kind. */
const TO_BEARERS = { 401: 'No token, or a wrong one', 403: 'The token lets its bearer look only; or, where there are no tokens, the port was not asked by a loopback name', 429: 'Too many wrong tokens' };
const OF_BODIES = { 400: 'The body is not as it should be; the message says where', 413: 'The body is too long', 415: 'The body is not JSON' };

export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries<AdminRoute>(ADMIN_ROUTES)) {
    (paths[route.path.replace(/:(\w+)/, '{$1}')] ??= {})[route.method.toLowerCase()] = operation(name, route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Polyplex admin API', version: '1',
      description: 'What the admin ports of relay, file server, push proxy and directory bot answer. Not for the internet.',
      license: { name: 'AGPL-3.0-or-later', identifier: 'AGPL-3.0-or-later' },
    },
    servers: [
      { url: 'http://127.0.0.1:8080', description: 'The relay, as it comes' },
      { url: 'http://127.0.0.1:8180', description: 'The file server, as it comes' },
      { url: 'http://127.0.0.1:8280', description: 'The push proxy, as it comes' },
      { url: 'http://127.0.0.1:8380', description: 'The directory bot, as it comes' },
    ],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Where the settings name a file with a token; else the port answers on loopback only' } },
      schemas: schemas(),
    },
  };
}

function operation(name: string, { path, role, of, summary, request, answer, refusals }: AdminRoute): Json {
  const parameter = /:(\w+)/.exec(path)?.[1];
  const all = { ...refusals, ...(role === 'open' ? {} : TO_BEARERS), ...(request === null ? {} : OF_BODIES) };
  const messages = Object.entries(all).map(([status, describe]) => [status, refused(joined(describe, refusals[Number(status)]))] as const);
  return {
    operationId: name, summary,
    description: `Role: ${role}. Of ${ownersOf(of)}.`,
    tags: [tagOf(path)],
    ...(role === 'open' ? { security: [] } : { security: [{ token: [] }] }),
    ...(parameter === undefined ? {} : { parameters: [{ name: parameter, in: 'path', required: true, schema: { type: 'string' } }] }),
    ...(request === null ? {} : { requestBody: { required: true, content: { 'application/json': { schema: refTo(request) } } } }),
    responses: { 200: { description: answer.describe, content: contentOf(answer) }, ...Object.fromEntries(messages) },
    'x-role': role,
  };
}

function ownersOf(of: readonly ServiceName[]): string {
  if (of.length === 1) return NOUNS[of[0]!];
  return of.includes('bot') ? 'all servers and the directory bot' : 'all servers';
}

function joined(general: string, own: string | undefined): string {
  return own === undefined || own === general ? general : `${own}. ${general}`;
}

function refused(description: string): Json {
  return { description, content: { 'application/json': { schema: { $ref: `${REF}Refusal` } } } };
}

function contentOf({ contentType, schema }: AdminRoute['answer']): Json {
  const type = contentType.replace(/; charset=.*$/, '');
  return { [type]: schema === null ? {} : { schema: refTo(schema) } };
}

function refTo(schema: z.ZodType): Json {
  const named = Object.entries(NAMED).find(([, each]) => each === schema);
  if (named === undefined) throw new TypeError('a schema of a route has no name in the document');
  return { $ref: REF + named[0] };
}

function tagOf(path: string): string {
  return /^\/admin\/(queues|files)\//.exec(path)?.[1] ?? 'server';
}

/** Of dates: the format says it, and in fewer words. */
function withoutPattern(schema: { format?: unknown; pattern?: unknown }): void {
  if (schema.format !== undefined) delete schema.pattern;
}

function schemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { uri: (id) => REF + id, io: 'input', override: ({ jsonSchema }) => withoutPattern(jsonSchema) }).schemas as Readonly<Record<string, Json>>;
  return Object.fromEntries(Object.entries(made).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]));
}
