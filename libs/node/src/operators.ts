/**
 * What operators look at and ask of a node, whatever it serves: its overview, and the admin port that tells it. The node brings what it has
 * of its own; the rest is here, so that all of them answer alike.
 */
import type { ServiceName } from '@polyplex/admin-api';
import { systemClock } from '@polyplex/base';
import { type AdminApp, type AdminAppOptions, createAdminApp } from '@polyplex/nest';
import type { FleetBoard } from '@polyplex/store-contract';
import type { LogControl, Logger } from '@polyplex/telemetry';
import type { Certificates } from './health/certificates.ts';
import type { Readiness } from './health/readiness.ts';
import { listenError } from './listen-error.ts';
import { nodeName } from './overview/node-name.ts';
import { NodeOverview } from './overview/node-overview.ts';
import type { ProcessFleet } from './overview/process-fleet.ts';
import type { OverviewSource } from './overview/source.ts';

/** Sections of settings. */
export const ADMIN_SECTIONS = { smp: 'admin', xftp: 'xftpAdmin', ntf: 'ntfAdmin', bot: 'botAdmin' } as const satisfies Readonly<Record<ServiceName, string>>;

/** What every node is given by whoever starts it. */
export interface NodeDeps {
  readonly log: Logger;
  /** Of that log, for whoever has the admin port. */
  readonly logControl?: LogControl;
  readonly version: string;
  /** Of the other servers of this process. */
  readonly fleet?: ProcessFleet;
}

export interface OperatedNode {
  readonly service: ServiceName;
  /** As its section says. */
  readonly admin: { readonly host: string; readonly port: number; readonly nodeName: string | null };
  readonly address: string;
  readonly readiness: Readiness;
  /** None of a node without. */
  readonly certificates?: Certificates;
  readonly deps: NodeDeps;
}

/** What a node's overview has of its own. */
export type NodeTold = Pick<OverviewSource, 'counters' | 'gauges' | 'stored' | 'distributions' | 'stores' | 'limits'>;

/** `board`: where the node tells of itself to those of other processes, if anywhere. */
export function openOverview(told: NodeTold, node: OperatedNode, board: FleetBoard | null = null): NodeOverview {
  const { service, admin, address, readiness, certificates, deps: { log, logControl, version, fleet } } = node;
  const source: OverviewSource = {
    ...told, service, node: nodeName(admin), version, address, startedAt: Date.now(),
    isDraining: readiness.isDraining,
    notReady: readiness.notReady,
    certificates: () => [...(certificates?.dates ?? [])],
    warnings: () => logControl?.recent() ?? [],
  };
  const boards = [...(fleet === undefined ? [] : [fleet.board()]), ...(board === null ? [] : [board])];
  return new NodeOverview(source, { clock: systemClock, log, boards });
}

type Own = Omit<AdminAppOptions, 'host' | 'port' | 'health' | 'overview' | 'fleet' | 'history' | 'logControl' | 'logger' | 'clock' | 'closeGraceMs'>;

/** Rejects with `NodeError` LISTEN, which names the section. */
export async function openAdminPort(own: Own, { service, admin, readiness, deps: { log, logControl } }: OperatedNode, overview: NodeOverview): Promise<AdminApp> {
  const section = ADMIN_SECTIONS[service];
  return createAdminApp({
    ...own,
    host: admin.host,
    port: admin.port,
    health: readiness,
    overview: () => overview.overview(),
    fleet: () => overview.fleet(),
    history: () => overview.history(),
    ...(logControl && { logControl }),
    logger: log,
  }).catch((error: unknown) => {
    throw listenError(`${section}.host, ${section}.port`, error);
  });
}
