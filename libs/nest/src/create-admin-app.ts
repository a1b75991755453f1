/**
 * The admin port: health, metrics, status and administration of queues, on Nest with Fastify. Nothing of it is on the
 * path of a block (design §2).
 */
import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SECOND } from '@polyplex/base';
import type { AdminApp, AdminAppOptions } from './admin-options.ts';
import { AdmissionGuard } from './admission-guard.ts';
import { HealthController } from './health-controller.ts';
import { OverviewController } from './overview-controller.ts';
import { QueuesController } from './queues-controller.ts';
import { HEALTH, LOGGER, METRICS, QUEUES, STATUS } from './tokens.ts';

const BODY_LIMIT_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 30 * SECOND;
const CLOSE_GRACE_MS = 2 * SECOND;

/** All that is known to the app; the module's providers are these values under their tokens. */
class AdminModule {
  static with({ health, metrics, title, status, queues, logger }: AdminAppOptions): DynamicModule {
    return {
      module: AdminModule,
      controllers: [HealthController, OverviewController, QueuesController],
      providers: [
        { provide: HEALTH, useValue: health },
        { provide: METRICS, useValue: metrics },
        { provide: STATUS, useValue: { title, status } },
        { provide: QUEUES, useValue: queues },
        { provide: LOGGER, useValue: logger },
      ],
    };
  }
}
Module({})(AdminModule);

/** Starts listening; rejects with the system's error when the port cannot be bound. */
export async function createAdminApp(options: AdminAppOptions): Promise<AdminApp> {
  const adapter = new FastifyAdapter({ bodyLimit: BODY_LIMIT_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: 'idle' });
  const app = await NestFactory.create<NestFastifyApplication>(AdminModule.with(options), adapter, { logger: false, abortOnError: false });
  app.useGlobalGuards(new AdmissionGuard(options.token));
  await app.listen(options.port, options.host);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${String(port)}/`, port, close: () => close(app, options.closeGraceMs ?? CLOSE_GRACE_MS) };
}

/** A closing server no longer enforces its request timeout, and a connection that has asked nothing is not idle to it. */
async function close(app: NestFastifyApplication, graceMs: number): Promise<void> {
  const timer = setTimeout(() => app.getHttpServer().closeAllConnections(), graceMs);
  await app.close().finally(() => clearTimeout(timer));
}
