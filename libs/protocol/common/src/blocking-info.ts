/** Why an operator blocked a queue, as ERR BLOCKED and the queue log write it: `reason=spam,notice={"ttl":60}` (SMP §5.7, XFTP §3.5). */
import { lenientTextOf, utf8 } from '@polyplex/base';
import { type Codec, DecodeError, mapped, tail } from '@polyplex/codec';

export interface BlockingInfo {
  readonly reason: 'spam' | 'content';
  /** What clients should show; `ttl` in seconds, null when not limited. */
  readonly notice: { readonly ttl: number | null } | null;
}

export function formatBlockingInfo({ reason, notice }: BlockingInfo): string {
  if (notice === null) return `reason=${reason}`;
  return `reason=${reason},notice=${JSON.stringify(notice.ttl === null ? {} : { ttl: notice.ttl })}`;
}

/** null when the text is not of that form. */
export function parseBlockingInfo(text: string): BlockingInfo | null {
  const parts = /^reason=(spam|content)(?:,notice=(.*))?$/s.exec(text);
  if (parts === null) return null;
  const reason = parts[1] as 'spam' | 'content';
  if (parts[2] === undefined) return { reason, notice: null };
  const ttl = parseTtl(parts[2]);
  return ttl === undefined ? null : { reason, notice: { ttl } };
}

function parseTtl(json: string): number | null | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const ttl: unknown = (value as { ttl?: unknown }).ttl ?? null;
  return ttl === null || (typeof ttl === 'number' && Number.isSafeInteger(ttl)) ? ttl : undefined;
}

export const blockingInfo: Codec<BlockingInfo> = mapped(
  tail,
  (bytes) => {
    const info = parseBlockingInfo(lenientTextOf(bytes));
    if (info === null) throw new DecodeError('bad blocking info');
    return info;
  },
  (info) => utf8(formatBlockingInfo(info)),
);
