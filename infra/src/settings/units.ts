/** The servers of a stack, the same for every target: what each is called, its ports, what it shares, which secrets its folder holds. */
import type { StackConfig } from '../config/schema.ts';
import type { SecretFile, SecretName } from '../secrets/names.ts';

/** As in `polyplex start --only`. */
type ServerKind = 'smp' | 'xftp' | 'ntf' | 'bot';
export type UnitName = 'relay' | 'files' | 'push' | 'bot';

type Settings = StackConfig['relay']['settings'];

/** One server: a fleet of nodes behind one address, or the one process of the bot, which has no address. */
export interface Unit {
  readonly name: UnitName;
  readonly server: ServerKind;
  /** In the address, and where nodes listen unless it is below 1024. */
  readonly port?: number;
  readonly listen?: number;
  readonly adminPort: number;
  readonly hosts: readonly string[];
  readonly nodes: number;
  readonly cpu: number;
  readonly memory: string;
  readonly disk: string;
  readonly drainSeconds: number;
  readonly autoscale?: StackConfig['relay']['autoscale'];
  readonly settings: Settings;
  /** Whether nodes keep nothing themselves, so that any may go at any time. */
  readonly isShared: boolean;
  /** The gauge of its open connections. */
  readonly connectionsMetric: string;
  /** Files of the configuration folder made of secrets. */
  readonly folder: Readonly<Record<string, SecretFile>>;
  /** Settings that are secrets, by variable. */
  readonly environment?: Readonly<Record<string, SecretName>>;
}

type Facts = Pick<Unit, 'name' | 'server' | 'adminPort' | 'isShared' | 'connectionsMetric' | 'folder'> & { readonly listen: number };
type Fleet = NonNullable<StackConfig['relay' | 'files' | 'push']>;

function tokens(stack: StackConfig, usesRedis: boolean): Readonly<Record<string, SecretFile>> {
  return {
    'admin-token': { secret: 'adminToken' },
    'reader-token': { secret: 'readerToken' },
    ...(usesRedis && stack.redis !== undefined ? { 'redis-password': { secret: 'redisPassword' } as const } : {}),
  };
}

function s3Secret({ objectStorage }: StackConfig): Readonly<Record<string, SecretFile>> {
  if (objectStorage?.kind === 'external') return { 's3-secret': { secret: 's3Secret' } };
  if (objectStorage?.kind === 'in-cluster') return { 's3-secret': { secret: 's3InCluster' } };
  return objectStorage?.kind === 'aws' ? { 's3-secret': { secret: 's3AccessKey' }, 's3.env': { secret: 's3AccessKeyId', template: 'POLYPLEX_S3_ACCESS_KEY_ID={}\n' } } : {};
}

function fleet({ port, hosts, nodes, cpu, memory, disk, drainSeconds, autoscale, settings }: Fleet, facts: Facts): Unit {
  return { ...facts, port, hosts, nodes, cpu, memory, disk, drainSeconds, ...(autoscale === undefined ? {} : { autoscale }), settings };
}

function relay(stack: StackConfig): Unit {
  return fleet(stack.relay, {
    name: 'relay', server: 'smp', listen: 5223, adminPort: 8080, isShared: stack.redis !== undefined, connectionsMetric: 'polyplex_smp_connections',
    folder: {
      'server.crt': { secret: 'relayCertificate' }, 'server.key': { secret: 'relayKey' }, fingerprint: { secret: 'relayFingerprint' },
      password: { secret: 'password' }, ...tokens(stack, true),
    },
  });
}

function files(stack: StackConfig, section: Fleet): Unit {
  return fleet(section, {
    name: 'files', server: 'xftp', listen: 5443, adminPort: 8180, isShared: stack.objectStorage !== undefined, connectionsMetric: 'polyplex_xftp_connections',
    folder: {
      'xftp/server.crt': { secret: 'filesCertificate' }, 'xftp/server.key': { secret: 'filesKey' }, 'xftp/fingerprint': { secret: 'filesFingerprint' },
      password: { secret: 'password' }, ...tokens(stack, stack.objectStorage !== undefined), ...s3Secret(stack),
    },
  });
}

function push(stack: StackConfig, section: NonNullable<StackConfig['push']>): Unit {
  return fleet(section, {
    name: 'push', server: 'ntf', listen: 5643, adminPort: 8280, isShared: stack.redis !== undefined, connectionsMetric: 'polyplex_ntf_connections',
    folder: {
      'ntf/server.crt': { secret: 'pushCertificate' }, 'ntf/server.key': { secret: 'pushKey' }, 'ntf/fingerprint': { secret: 'pushFingerprint' },
      'ntf/vapid.key': { secret: 'vapidKey' }, 'ntf/services.key': { secret: 'servicesKey' },
      ...(section.apns === undefined ? {} : { 'ntf/apns.p8': { secret: 'apnsKey' } as const }), ...tokens(stack, true),
    },
  });
}

function bot(stack: StackConfig, section: NonNullable<StackConfig['bot']>): Unit {
  return {
    ...section, name: 'bot', server: 'bot', hosts: [], nodes: 1, drainSeconds: 20, isShared: false, connectionsMetric: '',
    folder: { 'bot/store.key': { secret: 'botKey' }, ...tokens(stack, false) },
    // An address holds the relay's password. In one configuration with the relay none is needed.
    environment: { POLYPLEX_BOT_RELAYS: 'botRelays' },
  };
}

/** All servers of a stack. */
export function unitsOf(stack: StackConfig): readonly Unit[] {
  return [
    relay(stack),
    ...(stack.files === undefined ? [] : [files(stack, stack.files)]),
    ...(stack.push === undefined ? [] : [push(stack, stack.push)]),
    ...(stack.bot === undefined ? [] : [bot(stack, stack.bot)]),
  ];
}
