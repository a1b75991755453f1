/**
 * The table of routes as a Nest controller. Nest's decorators are called as the functions they are: the sources run on
 * Node as they stand, which strips types but knows no decorators.
 *
 * Every request goes one way: body → schema → handler → audit log → answer. A step that was taken, or refused, is in the
 * audit log before its answer leaves; where that cannot be written, no step is taken.
 */
import { Controller, Get, HttpCode, HttpStatus, InternalServerErrorException, Post, Req, Res, type Type } from '@nestjs/common';
import { ADMIN_ROUTES, type AdminRoute, type RouteName } from '@polyplex/admin-api';
import { errorText } from '@polyplex/base';
import type { Logger } from '@polyplex/telemetry';
import type { AdminRequest } from './admission-guard.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { type Asked, type Handlers, Refusal, type Served } from './handlers.ts';
import { readBody } from './read-body.ts';

/** What is used of Fastify's. */
interface Request extends AdminRequest {
  readonly body: unknown;
  readonly params: Readonly<Record<string, string>>;
}
interface Reply {
  headers(values: Readonly<Record<string, string>>): unknown;
}

export interface Dispatch {
  readonly handlers: Handlers;
  readonly audit: AuditLog | undefined;
  readonly logger: Logger;
}

type Answered = (request: Request, reply: Reply) => Promise<string | object>;
type LooseHandler = (body: unknown, asked: Asked) => unknown;

/** A method for each handler, and the route that each method serves. */
export function adminController(dispatch: Dispatch): { readonly controller: Type; readonly routeOf: ReadonlyMap<unknown, RouteName> } {
  class AdminController {}
  const routeOf = new Map<unknown, RouteName>();
  for (const [key, handler] of Object.entries(dispatch.handlers)) {
    if (handler === undefined) continue;
    const name = key as RouteName;
    // The table says what a handler gets and gives; from here on the schemas see to it.
    const method = answering(ADMIN_ROUTES[name], handler as LooseHandler, dispatch);
    define(AdminController, name, method);
    routeOf.set(method, name);
  }
  Controller()(AdminController);
  return { controller: AdminController, routeOf };
}

function define(controller: Type, name: RouteName, method: Answered): void {
  const prototype = controller.prototype as object;
  const descriptor: PropertyDescriptor = { value: method, writable: true, configurable: true };
  Object.defineProperty(prototype, name, descriptor);
  const route = ADMIN_ROUTES[name];
  for (const decorate of [route.method === 'GET' ? Get(route.path) : Post(route.path), HttpCode(HttpStatus.OK)]) decorate(prototype, name, descriptor);
  Req()(prototype, name, 0);
  Res({ passthrough: true })(prototype, name, 1);
}

function answering(route: AdminRoute, handler: LooseHandler, { audit, logger }: Dispatch): Answered {
  return async (request, reply) => {
    const body = route.request === null ? undefined : readBody(route.request, request.body);
    const asked: Asked = { name: request.params['name'] ?? '', target: targetOf(body, audit), result: 'ok' };
    const take = async (): Promise<unknown> => handler(body, asked);
    if (route.audit === null || audit === undefined) return send(reply, route, await take());
    const unwritten = (what: string) => (error: unknown): never => {
      logger.error('the audit log cannot be written', { error: errorText(error) });
      throw new InternalServerErrorException(`${what} the audit log cannot be written`);
    };
    await audit.ready().catch(unwritten('nothing was done:'));
    const entry = { role: request.bearer ?? 'reader', action: route.audit, target: asked.target, reason: textOf(body, 'reason') ?? textOf(body, 'level') };
    const write = (): Promise<void> => audit.append({ ...entry, result: asked.result }).catch(unwritten(`${asked.result.startsWith('ok') ? 'done' : 'not done'}, but`));
    return send(reply, route, await audited(take, asked, write));
  };
}

/** What the step answered or threw, after it was written down. */
async function audited(take: () => Promise<unknown>, asked: Asked, write: () => Promise<void>): Promise<unknown> {
  const outcome = await take().then((answer) => () => answer, (error: unknown) => {
    asked.result = error instanceof Refusal ? error.result : 'failed';
    return (): never => { throw error; };
  });
  await write();
  return outcome();
}

function targetOf(body: unknown, audit: AuditLog | undefined): string | null {
  const id = textOf(body, 'id');
  return id === null || audit === undefined ? null : audit.targetOf(id);
}

function textOf(body: unknown, name: string): string | null {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : null;
  return typeof value === 'string' ? value : null;
}

/** An answer that brings headers of its own is content; the others are text, or made JSON of. */
function send(reply: Reply, { answer: { contentType } }: AdminRoute, answer: unknown): string | object {
  if (isServed(answer)) {
    reply.headers({ 'content-type': contentType, ...answer.headers });
    return typeof answer.content === 'string' ? answer.content : Buffer.from(answer.content.buffer, answer.content.byteOffset, answer.content.byteLength);
  }
  reply.headers({ 'content-type': contentType });
  return typeof answer === 'string' ? answer : JSON.stringify(answer);
}

function isServed(answer: unknown): answer is Served {
  return typeof answer === 'object' && answer !== null && 'headers' in answer && 'content' in answer;
}

