/** The configuration file of a local Redis server. */

export interface RedisSettings {
  readonly port: number;
  readonly folder: string;
  readonly password: string | undefined;
  /** Lines of redis.conf; the last of several for one setting counts, so they override the defaults. */
  readonly config: readonly string[];
}

export interface ClusterSettings {
  readonly busPort: number;
  readonly nodeTimeoutMs: number;
}

/** What a relay network runs with, see `deploy/`, but a replica that connects gets its copy at once. */
export function redisConfig({ port, folder, password, config }: RedisSettings): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    'daemonize no',
    `dir "${folder}"`,
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    'hash-max-listpack-value 64',
    'repl-diskless-sync-delay 0',
    ...(password === undefined ? [] : [`requirepass "${password}"`, `masterauth "${password}"`]),
    ...config,
    '',
  ].join('\n');
}

/** Lines that make a server a node of a cluster. The bus has a port of its own choice, which may be taken otherwise. */
export function clusterConfig({ busPort, nodeTimeoutMs }: ClusterSettings): string[] {
  return [
    'cluster-enabled yes',
    'cluster-config-file nodes.conf',
    `cluster-port ${busPort}`,
    `cluster-node-timeout ${nodeTimeoutMs}`,
    // Losing one part of the queues shall not stop the others.
    'cluster-require-full-coverage no',
    'cluster-allow-replica-migration no',
    // Promotes a replica however long it was without its primary.
    'cluster-replica-validity-factor 0',
  ];
}
