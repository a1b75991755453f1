/** What `npm run cluster:up` is asked for. */
import { parseArgs } from 'node:util';

export interface Options {
  /** Relay nodes. */
  readonly nodes: number;
  /** Primaries of the Redis Cluster, each with a replica. */
  readonly primaries: number;
  /** One Redis in place of the cluster. */
  readonly single: boolean;
  /** Port of the balancer. */
  readonly port: number;
  /** Name in the address; the balancer listens on this machine only while it is `localhost`. */
  readonly host: string;
  /** Where data stays; undefined for a temporary folder. */
  readonly dir: string | undefined;
}

export const HELP = `Starts a whole relay network on this machine: a Redis Cluster, relay nodes, and HAProxy in front of them.

usage: npm run cluster:up -- [OPTION...]

  --nodes N       relay nodes (3)
  --primaries N   primaries of the Redis Cluster, each with one replica (3)
  --single        one Redis in place of the cluster
  --port PORT     port of the balancer, the one in the address (5223)
  --host NAME     name or address under which apps reach this machine (localhost: this machine alone)
  --dir DIR       keeps identity and data in DIR for the next start (a temporary folder, removed at the end)
  --help          this

Needs redis-server, redis-cli and haproxy: sudo apt-get install redis-server haproxy
`;

/** What is wrong with the arguments, in words. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

function number(name: string, text: string, [min, max]: readonly [number, number]): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) throw new UsageError(`--${name} takes a number from ${min} to ${max}, not ${text}`);
  return value;
}

function values(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        nodes: { type: 'string', default: '3' },
        primaries: { type: 'string', default: '3' },
        single: { type: 'boolean', default: false },
        port: { type: 'string', default: '5223' },
        host: { type: 'string', default: 'localhost' },
        dir: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Null when help is asked for; throws `UsageError`. */
export function readOptions(args: readonly string[]): Options | null {
  const given = values(args);
  if (given.help) return null;
  return {
    nodes: number('nodes', given.nodes, [1, 16]),
    primaries: number('primaries', given.primaries, [3, 16]),
    single: given.single,
    port: number('port', given.port, [1, 65_535]),
    host: given.host,
    dir: given.dir,
  };
}
