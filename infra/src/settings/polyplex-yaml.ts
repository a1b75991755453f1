/** `polyplex.yaml` of one server, the same on Kubernetes and on machines but for what `Place` says. docs/configuration.md */
import { stringify } from 'yaml';
import { mebibytes } from '../config/fields.ts';
import type { StackConfig } from '../config/schema.ts';
import type { Unit } from './units.ts';

/** What a target decides. */
export interface Place {
  readonly dataDir: string;
  readonly redisUrls: readonly string[];
  /** Balancers that send a PROXY header; none send none. */
  readonly trustedProxies: readonly string[];
  /** Whether nodes see who their clients are, by a PROXY header or because nothing is between. */
  readonly seesClients: boolean;
  /** None is every address, where the port is reached from elsewhere. */
  readonly adminHost: string;
  readonly s3Endpoint?: string;
  /** In which balancers notice that a node leaves, where nothing else keeps it running meanwhile. */
  readonly leaveSeconds?: number;
  readonly socksProxy?: string;
}

type Values = Readonly<Record<string, unknown>>;
type Document = Readonly<Record<string, Values>>;

const MAX_CONNECTIONS = 10_000_000;

/** Where all clients seem to be one address, limits by address would count them as one. */
function limits({ seesClients }: Place, tor: boolean, names: readonly string[]): Values {
  return seesClients && !tor ? {} : Object.fromEntries(names.map((name) => [name, name.startsWith('new') && !name.startsWith('newConnections') ? 0 : MAX_CONNECTIONS]));
}

function listen(unit: Unit, { trustedProxies }: Place): Values {
  return { ports: [unit.listen ?? 0], ...(trustedProxies.length === 0 ? {} : { proxyProtocol: true, trustedProxies }) };
}

const tokens = { tokenFile: 'admin-token', readerTokenFile: 'reader-token' };

function redis({ redis: section }: StackConfig, place: Place): Document {
  return section === undefined ? {} : { redis: { urls: place.redisUrls, passwordFile: 'redis-password', durability: section.durability } };
}

function s3({ objectStorage: storage }: StackConfig, place: Place): Document {
  if (storage === undefined) return {};
  const secret = { bucket: storage.bucket, secretAccessKeyFile: 's3-secret' };
  if (storage.kind === 'external') return { s3: { ...secret, endpoint: storage.endpoint, region: storage.region, accessKeyId: storage.accessKeyId, pathStyle: storage.pathStyle } };
  if (storage.kind === 'in-cluster') return { s3: { ...secret, endpoint: place.s3Endpoint, accessKeyId: 'polyplex' } };
  return { s3: { ...secret, pathStyle: false } };
}

function relaySettings(stack: StackConfig, unit: Unit, place: Place): Document {
  const byAddress = limits(place, stack.tor !== undefined, ['connectionsPerAddress', 'newConnectionsPerMinutePerAddress', 'newQueuesPerMinutePerAddress']);
  return {
    address: { hosts: unit.hosts, port: unit.port },
    storage: { engine: unit.isShared ? 'redis' : 'embedded', dataDir: place.dataDir },
    ...redis(stack, place),
    listen: listen(unit, place),
    access: { passwordFile: 'password' },
    limits: { connections: stack.relay.connections, ...byAddress },
    ...(place.socksProxy === undefined ? {} : { proxy: { socksProxy: place.socksProxy } }),
    admin: { host: place.adminHost, port: unit.adminPort, ...tokens },
  };
}

function fileSettings(stack: StackConfig, unit: Unit, place: Place): Document {
  const byAddress = limits(place, stack.tor !== undefined, ['connectionsPerAddress', 'newConnectionsPerMinutePerAddress', 'newFilesPerMinutePerAddress']);
  return {
    address: { hosts: unit.hosts },
    storage: { dataDir: place.dataDir },
    ...(unit.isShared ? { ...redis(stack, place), ...s3(stack, place) } : {}),
    access: { passwordFile: 'password' },
    xftpAddress: { port: unit.port },
    xftpStorage: { engine: unit.isShared ? 'redis-s3' : 'embedded', quota: `${mebibytes(stack.files?.quota ?? '1GiB')}MiB` },
    xftpListen: listen(unit, place),
    ...(Object.keys(byAddress).length === 0 ? {} : { xftpLimits: byAddress }),
    xftpAdmin: { host: place.adminHost, port: unit.adminPort, ...tokens },
  };
}

function pushSettings(stack: StackConfig, unit: Unit, place: Place): Document {
  const byAddress = limits(place, false, ['connectionsPerAddress', 'newConnectionsPerMinutePerAddress', 'newTokensPerMinutePerAddress', 'newSubscriptionsPerMinutePerAddress']);
  const apns = stack.push?.apns;
  return {
    address: { hosts: unit.hosts },
    storage: { dataDir: place.dataDir },
    ...redis(stack, place),
    ntfAddress: { port: unit.port },
    ntfStorage: { engine: unit.isShared ? 'redis' : 'embedded' },
    ntfListen: listen(unit, place),
    ...(apns === undefined ? {} : { ntfApns: { keyFile: 'ntf/apns.p8', ...apns } }),
    ...(Object.keys(byAddress).length === 0 ? {} : { ntfLimits: byAddress }),
    ntfAdmin: { host: place.adminHost, port: unit.adminPort, ...tokens },
  };
}

/** Who runs it and what it may do come from `settings`. */
function botSettings(_stack: StackConfig, unit: Unit, place: Place): Document {
  return { storage: { dataDir: place.dataDir }, botAdmin: { host: place.adminHost, port: unit.adminPort, ...tokens } };
}

const SETTINGS = { relay: relaySettings, files: fileSettings, push: pushSettings, bot: botSettings } as const;

/** All settings of one server; those that the stack's configuration names win. */
export function settingsOf(stack: StackConfig, unit: Unit, place: Place): Document {
  const common: Document = {
    servers: { run: unit.server, push: 'off', bot: 'off' },
    ...SETTINGS[unit.name](stack, unit, place),
    log: { format: 'json' },
    shutdown: { drainTimeout: `${unit.drainSeconds}s`, ...(place.leaveSeconds === undefined || unit.port === undefined ? {} : { leaveTime: `${place.leaveSeconds}s` }) },
  };
  const own = Object.entries(unit.settings).map(([section, values]) => [section, { ...common[section], ...values }] as const);
  return { ...common, ...Object.fromEntries(own) };
}

/** The same as the text of the file. */
export function polyplexYaml(stack: StackConfig, unit: Unit, place: Place): string {
  return stringify(settingsOf(stack, unit, place), { lineWidth: 0 });
}
