/** A relay for a new queue, by chance among ours (agent §7.9). */
import { SMP_PORT } from '@polyplex/client';
import type { ServerAddress } from '@polyplex/protocol-common';
import { AgentError } from '../agent-error.ts';
import type { QueueServer } from '../context.ts';

export interface ServerChoice {
  readonly servers: readonly QueueServer[];
  /** The most unwanted first; taken only where there are no others. */
  readonly avoid: readonly ServerAddress[];
  /** In [0, 1). */
  readonly random: () => number;
}

/** Throws NO_SERVER. */
export function chooseServer({ servers: all, avoid, random }: ServerChoice): QueueServer {
  const without = (avoided: readonly ServerAddress[]): readonly QueueServer[] => all.filter((server) => !avoided.some((other) => isSameServer(server, other)));
  let wishes = avoid.length;
  while (wishes > 0 && without(avoid.slice(0, wishes)).length === 0) wishes--;
  const servers = without(avoid.slice(0, wishes));
  const server = servers[Math.floor(random() * servers.length)];
  if (server === undefined) throw new AgentError('NO_SERVER', 'no relay is configured for new queues');
  return server;
}

const portOf = (port: string): string => (port === '' ? String(SMP_PORT) : port);

/** By port and any host. */
export function isSameServer({ hosts, port }: ServerAddress, other: ServerAddress): boolean {
  return portOf(other.port) === portOf(port) && other.hosts.some((host) => hosts.includes(host));
}
