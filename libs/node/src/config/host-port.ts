/** `host:port` of a proxy; IPv6 in brackets. */
import { hostKind } from '@polyplex/protocol-common';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Null for anything else. */
export function readHostPort(text: string): HostPort | null {
  const parts = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+):(\d{1,5})$/.exec(text);
  if (parts === null) return null;
  const host = (parts[1] ?? '').replace(/^\[|\]$/g, '');
  const port = Number(parts[2]);
  return hostKind(host) === null || port < 1 || port > 65_535 ? null : { host, port };
}
