/** What a server tells of itself, and an operator's steps on it as a whole. */
import { HttpStatus, NotFoundException, ServiceUnavailableException } from '@nestjs/common';
import { openApiDocument } from '@polyplex/admin-api';
import { errorText } from '@polyplex/base';
import type { LogControl, Logger } from '@polyplex/telemetry';
import type { AdminAppOptions, BackupControl, DirectoryAdmin, PageFiles } from './admin-options.ts';
import { type Handlers, Refusal, type Served } from './handlers.ts';
import { statusPage } from './status-page.ts';

/** Only of what the options have. */
export function nodeHandlers(options: AdminAppOptions): Handlers {
  const { health, metrics, overview, fleet, history, stats, clients, save, logControl, backup, directory, audit, logger } = options;
  return {
    ...pageHandlers(options),
    ...pushHandlers(options),
    openapi: () => JSON.stringify(openApiDocument()),
    live: () => 'ok\n',
    ready: async () => {
      const reasons = await health.notReady();
      if (reasons.length > 0) throw new ServiceUnavailableException(reasons.join('; '));
      return 'ready\n';
    },
    metrics: () => metrics.text(),
    overview: overview && (() => overview()),
    fleet: fleet && (() => fleet()),
    history: history && (() => history()),
    stats: stats && (() => stats()),
    clients: clients && (() => clients()),
    // Where nothing is only in memory there is nothing to do.
    save: async () => {
      await save?.();
      logger.info('saved, as an operator asked');
      return { saved: true };
    },
    audit: audit && (async () => ({ entries: [...(await audit.latest())] })),
    ...(logControl && logHandlers(logControl, logger)),
    ...(backup && backupHandlers(backup)),
    ...(directory && directoryHandlers(directory)),
  };
}

/** Of a push proxy. */
function pushHandlers({ relays, places }: AdminAppOptions): Handlers {
  return { relays: relays && (() => relays()), places: places && (() => places()) };
}

/** Without a page, the rows of the status are one. */
function pageHandlers({ page, title, status }: AdminAppOptions): Handlers {
  if (page === undefined) return status === undefined ? {} : { page: async () => statusPage(title, await status()) };
  const { html, policy } = page;
  return {
    page: () => ({ content: html, headers: { 'content-security-policy': policy } }),
    asset: (_body, { name }) => assetOf(page, name),
  };
}

function assetOf({ assets }: PageFiles, name: string): Served {
  const asset = assets.get(name);
  if (asset === undefined) throw new NotFoundException('no such part of the console');
  return { content: asset.content, headers: { 'content-type': asset.contentType } };
}

function logHandlers(control: LogControl, log: Logger): Handlers {
  return {
    logLevel: () => ({ level: control.level }),
    setLogLevel: ({ level }) => {
      log.warn('the log level changes', { from: control.level, to: level });
      control.setLevel(level);
      return { level: control.level };
    },
  };
}

function directoryHandlers(directory: DirectoryAdmin): Handlers {
  return {
    admins: () => directory.admins(),
    publish: async () => {
      const published = await directory.publish();
      if (published === null) throw new Refusal(HttpStatus.CONFLICT, 'failed', 'the listing could not be written: the log says why');
      return published;
    },
    checkLinks: async () => {
      const due = await directory.checkLinks();
      if (due === null) throw new Refusal(HttpStatus.CONFLICT, 'refused', 'the links of channels are not read again: botDirectory.linkCheckInterval is 0');
      return due;
    },
  };
}

function backupHandlers(backup: BackupControl): Handlers {
  return {
    backup: () => backup.state(),
    beginBackup: async () => {
      const name = await backup.begin().catch((error: unknown) => {
        throw new Refusal(HttpStatus.CONFLICT, 'refused', errorText(error));
      });
      return { name };
    },
  };
}
