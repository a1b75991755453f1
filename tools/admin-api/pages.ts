/** What is written of the admin API, made of its table of routes: the OpenAPI document, and a page for people. */
import { ADMIN_ROUTES, type AdminRoute, openApiDocument } from '@polyplex/admin-api';
import { z } from 'zod';

export const OPENAPI_FILE = 'docs/openapi.json';
export const PAGE_FILE = 'docs/operations/admin-api.md';

export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 1)}\n`;
}

const INTRODUCTION = `# The admin API

Made of the table in \`libs/admin-api/src/routes.ts\` by \`node tools/admin-api.ts\`; [openapi.json](../openapi.json) is the same as an
OpenAPI 3.1 document, and so is \`GET /admin/openapi.json\` of a running server. The command line uses it, see [control.md](control.md).

The relay answers at \`admin.host\` and \`admin.port\` (127.0.0.1:8080), the file server at those of \`xftpAdmin\` (127.0.0.1:8180), the
push proxy at those of \`ntfAdmin\` (127.0.0.1:8280), the directory bot at those of \`botAdmin\` (127.0.0.1:8380). It is plain HTTP: keep it
on loopback, or behind what speaks TLS in a network of your own.

## Who may ask

| | |
|---|---|
| without \`admin.tokenFile\` | everybody on this machine, by a loopback name, may do everything; pages of other sites in a browser may not |
| \`admin.tokenFile\` | who sends \`Authorization: Bearer TOKEN\` with it is *admin* and may do everything |
| \`admin.readerTokenFile\` | who sends that one is *reader*: may look, and change nothing |
| *open* | health, this description and the console's own files hold no data and need nothing |

A token is the first line of its file. Make one with \`openssl rand -base64 32\`. Both are compared in constant time. After ten
different wrong ones within a minute an address gets 429 until the minute is over, with the right one too; the same wrong one
again counts once, so a page or a Prometheus with an old token shuts nobody out.

## How it answers

What is posted is JSON (\`Content-Type: application/json\`), at most 16 KiB, without fields that are not known. A refusal is JSON as
well: \`{ "statusCode": 404, "message": "…" }\`. Ids stand in bodies, never in paths, so that no access log keeps them.

| status | when |
|---|---|
| 400 | the body is not as it should be; the message says where, and does not repeat it |
| 401, 403 | no token or a wrong one; one that may only look, or no loopback name |
| 404 | no such queue or file, or this server has no such path: a file server has no queues, a relay on Redis no backups |
| 413, 415 | the body is too long; it is not JSON |
| 429 | too many wrong tokens; or, of a block, the day's quota is used up |
| 500 | something broke; the log says what. "done, but the audit log cannot be written" means what it says |
`;

const EXAMPLE = `
## Examples

\`\`\`sh
curl -s http://127.0.0.1:8080/admin/overview
curl -s -H "Authorization: Bearer $(head -1 reader.token)" http://10.0.0.5:8080/admin/stats
curl -s -H 'Content-Type: application/json' -d '{"id":"…","reason":"spam","noticeSeconds":2592000}' http://127.0.0.1:8080/admin/queues/block
\`\`\`
`;

export function adminApiPage(): string {
  const routes = Object.values<AdminRoute>(ADMIN_ROUTES);
  const posts = routes.filter(({ request }) => request !== null);
  return [INTRODUCTION, '## Paths\n', table(routes), '\n## Bodies\n', ...posts.map(body), EXAMPLE].join('\n');
}

function table(routes: readonly AdminRoute[]): string {
  const rows = routes.map(({ method, path, role, of, summary, answer, refusals }) => {
    const own = Object.entries(refusals).map(([status, describe]) => `${status}: ${describe}`).join('. ');
    return `| \`${method} ${path}\` | ${role} | ${of.join(', ')} | ${summary} | ${answer.describe}${own === '' ? '' : `. ${own}`} |`;
  });
  return ['| path | role | server | what it is for | answer |', '|---|---|---|---|---|', ...rows].join('\n');
}

function body({ path, request }: AdminRoute): string {
  const schema = z.toJSONSchema(request!, { io: 'input' }) as { properties?: Record<string, Field>; required?: string[] };
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return `- \`${path}\`: \`{}\``;
  const texts = fields.map(([name, field]) => `\`${name}\` ${typeOf(field)}${schema.required?.includes(name) === true ? '' : ', may be left out'}${field.description === undefined ? '' : `: ${field.description}`}`);
  return `- \`${path}\`: ${texts.join('; ')}`;
}

interface Field {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Field[];
  readonly description?: string;
}

function typeOf({ type, enum: of, anyOf }: Field): string {
  if (of !== undefined) return of.map((value) => `\`"${value}"\``).join(' or ');
  return anyOf === undefined ? (type ?? '') : anyOf.map(typeOf).join(' or ');
}
