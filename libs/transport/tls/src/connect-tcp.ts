/**
 * TCP to a host, directly or through a SOCKS5 proxy. Every address that a name resolves to passes the caller's policy
 * right before the connection is made to that very address, so a name that resolves differently a second time gains
 * nothing (design §4). Names under .onion go to the proxy or fail; they never reach DNS.
 */
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { domainToASCII } from 'node:url';
import { SocksClient } from 'socks';
import { SECOND } from '@polyplex/base';
import type { DialAttempt } from './dial-attempt.ts';
import { DialError } from './dial-error.ts';

export interface SocksProxy {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** `onion`: for .onion names only; `always`: for everything. */
  readonly mode: 'onion' | 'always';
}

export interface TcpTarget {
  readonly host: string;
  readonly port: number;
  readonly socks?: SocksProxy | undefined;
  /** Whether an address may be connected to. A SOCKS proxy resolves names itself: then local ones are refused. */
  readonly allowAddress?: ((address: string) => boolean) | undefined;
  /** Idle time before keep-alive probes. */
  readonly keepAliveMs: number;
}

/** Longest name in DNS; the rest is bounded by what it must not contain. */
const MAX_HOST_LENGTH = 255;
/** `socks` wants a bound of its own; the attempt's deadline is what counts. */
const SOCKS_TIMEOUT_MS = 600 * SECOND;

/** Rejects with the system's error or `DialError`. */
export async function connectTcp(target: TcpTarget, attempt: DialAttempt): Promise<Socket> {
  const host = hostOf(target.host);
  const kind = kindOf(host);
  const { socks, allowAddress } = target;
  if (kind === 'address' && allowAddress?.(host) === false) throw notAllowed();
  if (socks === undefined || (socks.mode === 'onion' && kind !== 'onion')) {
    if (kind === 'onion') throw new DialError('HOST', 'an onion address needs a SOCKS proxy');
    return connectDirectly({ ...target, host }, attempt);
  }
  if (kind === 'local name' && allowAddress !== undefined) throw notAllowed();
  return connectBySocks({ ...target, host, socks }, attempt);
}

/**
 * `local name`: one that a SOCKS proxy would resolve to itself or its own network. It does not know our policy.
 */
function kindOf(host: string): 'address' | 'onion' | 'local name' | 'name' {
  if (isIP(host) !== 0) return 'address';
  const labels = host.replace(/\.$/, '').split('.');
  const last = labels.at(-1)!;
  if (last === 'onion') return 'onion';
  return labels.length === 1 || LOCAL_DOMAINS.has(last) ? 'local name' : 'name';
}

/** RFC 6761, RFC 6762, and what is in use for networks of one's own. */
const LOCAL_DOMAINS: ReadonlySet<string> = new Set(['localhost', 'local', 'internal', 'intranet', 'lan', 'home', 'corp', 'private', 'arpa']);

/**
 * Without the brackets that addresses put around IPv6; a name as resolvers see it, in lower case and ASCII. Look-alikes of
 * dots and letters are the real ones by then, and an address in one of its odd spellings (127.1, 0x7f.1) is an address:
 * what is checked is what is asked for.
 */
function hostOf(text: string): string {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  const wellFormed = bare.length > 0 && bare.length <= MAX_HOST_LENGTH && !/[\u0000-\u0020\u007f/#,;@]/.test(bare);
  const host = !wellFormed || isIP(bare) !== 0 ? bare : domainToASCII(bare);
  if (!wellFormed || host === '') throw new DialError('HOST', 'the host name is malformed');
  return host;
}

async function connectDirectly(target: TcpTarget, attempt: DialAttempt): Promise<Socket> {
  const { host, port, allowAddress, keepAliveMs } = target;
  const socket = attempt.own(
    connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
      ...(allowAddress === undefined ? {} : { lookup: filteredLookup(allowAddress) }),
    }),
  );
  await connected(socket);
  if (allowAddress !== undefined && !allowAddress(socket.remoteAddress ?? '')) throw notAllowed();
  return socket;
}

async function connectBySocks(target: TcpTarget & { readonly socks: SocksProxy }, attempt: DialAttempt): Promise<Socket> {
  const { host, port, socks, keepAliveMs } = target;
  const socket = attempt.own(connect({ host: socks.host, port: socks.port, noDelay: true }));
  await connected(socket);
  socket.setKeepAlive(true, keepAliveMs);
  try {
    await SocksClient.createConnection({
      proxy: {
        host: socks.host,
        port: socks.port,
        type: 5,
        ...(socks.username === undefined ? {} : { userId: socks.username, password: socks.password ?? '' }),
      },
      command: 'connect',
      destination: { host, port },
      timeout: SOCKS_TIMEOUT_MS,
      existing_socket: socket,
    });
  } catch (cause) {
    throw new DialError('NETWORK', 'the SOCKS proxy could not connect', { cause });
  }
  return socket;
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    // For its whole life: an error with nobody listening would end the process.
    socket.on('error', reject);
    socket.once('close', () => reject(new DialError('NETWORK', 'the connection was closed')));
    socket.once('connect', resolve);
  });
}

function notAllowed(): DialError {
  return new DialError('HOST', 'the address is not allowed');
}

function filteredLookup(allow: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error: Error | null, found: LookupAddress[]) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = found.filter(({ address }) => allow(address));
      const [first] = allowed;
      if (first === undefined) callback(notAllowed(), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
