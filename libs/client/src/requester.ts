/** Whatever takes commands for a relay: a connection to it, or a session with it through a proxy. */
import type { CommandOf, SmpCommand, SmpCommandTag, SmpReply, SmpReplyTag } from '@polyplex/protocol-smp';
import type { AuthPrivateKey } from './authorizer.ts';
import { RefusedError, responseError } from './client-error.ts';

export interface RequestOptions {
  /** The queue, link, relay session or service that the command names; default none. */
  readonly entityId?: Uint8Array;
  /** Authorises the command; absent for commands without authorisation. */
  readonly key?: AuthPrivateKey | undefined;
  /** Signs with the key of our service session too (SMP §4.3). */
  readonly asService?: boolean;
  /** 24 bytes, never used before; default random ones. Commands that derive something from it choose it themselves. */
  readonly corrId?: Uint8Array;
  readonly timeoutMs?: number;
}

export interface Requester {
  /** Version that commands are encoded for. */
  readonly version: number;
  /**
   * Sends a command and resolves with the relay's answer, `ERR` included; rejects with `SmpClientError` (through a
   * proxy also `ProxyRefusedError`). Bytes in the answer are views of its block: copy what is kept.
   */
  request(command: SmpCommand, options?: RequestOptions): Promise<SmpReply>;
}

/** The reply when it has one of the tags. Throws `RefusedError` for `ERR`, `UNEXPECTED` for any other. */
export function expectReply<const T extends SmpReplyTag>(reply: SmpReply, ...tags: readonly T[]): Extract<SmpReply, { tag: T }> {
  if ((tags as readonly SmpReplyTag[]).includes(reply.tag)) return reply as Extract<SmpReply, { tag: T }>;
  if (reply.tag === 'ERR') throw new RefusedError(reply.error);
  throw responseError('UNEXPECTED', reply.tag);
}

/** A command that is answered with `OK`. */
export async function demandOk<T extends SmpCommandTag>(requester: Requester, command: CommandOf<T>, options: RequestOptions): Promise<void> {
  expectReply(await requester.request(command as SmpCommand, options), 'OK');
}
