/**
 * The admin port: health, metrics, the console and administration of what the server keeps, on Nest with Fastify. Nothing
 * of it is on the path of a block (design §2).
 */
import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ADMIN_ROUTES, type Role, type RouteName } from '@polyplex/admin-api';
import { SECOND, systemClock } from '@polyplex/base';
import { adminController } from './admin-controller.ts';
import type { AdminApp, AdminAppOptions } from './admin-options.ts';
import { AdmissionGuard } from './admission-guard.ts';
import { fileHandlers } from './file-handlers.ts';
import type { Handlers } from './handlers.ts';
import { NestLogger } from './nest-logger.ts';
import { nodeHandlers } from './node-handlers.ts';
import { queueHandlers } from './queue-handlers.ts';

const BODY_LIMIT_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 30 * SECOND;
const CLOSE_GRACE_MS = 2 * SECOND;

/** Of every answer; the console has a policy of its own. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': 'default-src \'none\'; style-src \'unsafe-inline\'; frame-ancestors \'none\'',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

class AdminModule {
  static with(controller: Type): DynamicModule {
    return { module: AdminModule, controllers: [controller] };
  }
}
Module({})(AdminModule);

/** Starts listening; rejects with the system's error when the port cannot be bound. */
export async function createAdminApp(options: AdminAppOptions): Promise<AdminApp> {
  const { token, readerToken = null, audit, clock = systemClock, logger } = options;
  const { controller, routeOf } = adminController({ handlers: handlersOf(options), audit, logger });
  const adapter = new FastifyAdapter({ bodyLimit: BODY_LIMIT_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: 'idle' });
  adapter.getInstance().addHook('onRequest', (_request, reply, done) => {
    reply.headers(HEADERS);
    done();
  });
  const app = await NestFactory.create<NestFastifyApplication>(AdminModule.with(controller), adapter, { logger: new NestLogger(logger), abortOnError: false });
  const roleOf = (handler: unknown): Role => roleOfRoute(routeOf.get(handler), options);
  app.useGlobalGuards(new AdmissionGuard({ token, readerToken, roleOf, clock, logger }));
  await app.listen(options.port, options.host);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${String(port)}/`, port, close: () => close(app, options.closeGraceMs ?? CLOSE_GRACE_MS) };
}

function handlersOf(options: AdminAppOptions): Handlers {
  const { queues, files, logger } = options;
  return {
    ...nodeHandlers(options),
    ...(queues && queueHandlers(queues, logger)),
    ...(files && fileHandlers(files, logger)),
  };
}

/** A handler without a route is nobody's; the page of a server without a console is its status, which is data. */
function roleOfRoute(name: RouteName | undefined, { page }: AdminAppOptions): Role {
  if (name === undefined) return 'admin';
  return name === 'page' && page === undefined ? 'reader' : ADMIN_ROUTES[name].role;
}

/** A closing server no longer enforces its request timeout, and a connection that has asked nothing is not idle to it. */
async function close(app: NestFastifyApplication, graceMs: number): Promise<void> {
  const timer = setTimeout(() => app.getHttpServer().closeAllConnections(), graceMs);
  await app.close().finally(() => clearTimeout(timer));
}
