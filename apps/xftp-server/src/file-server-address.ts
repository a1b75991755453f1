/** The address that users get (XFTP §1.3): without a password, unless asked for, since that one is a secret. */
import { formatAddress } from '@polyplex/protocol-common';
import type { XftpConfig } from './config/xftp-config.ts';

/** Left out of addresses. */
const DEFAULT_PORT = 443;

export interface FileServerFacts {
  readonly fingerprint: Uint8Array;
  /** Default none. */
  readonly password?: string | null;
  /** The port really bound, where the configured one is 0. */
  readonly boundPort?: number | undefined;
}

/** `xftp://<fingerprint>[:<password>]@<host>[,<host>…][:<port>]` */
export function fileServerAddress({ address, xftpAddress, xftpListen }: XftpConfig, { fingerprint, password = null, boundPort }: FileServerFacts): string {
  const configured = xftpAddress.port ?? xftpListen.ports[0] ?? DEFAULT_PORT;
  const port = configured === 0 ? (boundPort ?? 0) : configured;
  const hosts = xftpAddress.hosts.length === 0 ? address.hosts : xftpAddress.hosts;
  return formatAddress({ hosts, port: port === DEFAULT_PORT ? '' : String(port), keyHash: fingerprint }, 'xftp', password);
}
