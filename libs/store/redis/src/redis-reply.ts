/** Replies of Redis as they come from the client: byte strings are buffers that may be views of what the socket read. */

export type Reply = null | number | Buffer | string | readonly Reply[];

export function listOf(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : [];
}

/** Text of a status or of a byte string; '' for none. */
export function textOfReply(reply: Reply | undefined): string {
  if (typeof reply === 'string') return reply;
  return reply instanceof Buffer ? reply.toString('latin1') : '';
}

export function numberOf(reply: Reply | undefined): number {
  return typeof reply === 'number' ? reply : Number(textOfReply(reply));
}

/** Bytes in memory of their own; null for none, and for an empty string where scripts mean none by it. */
export function bytesOf(reply: Reply | undefined): Uint8Array | null {
  if (!(reply instanceof Uint8Array) || reply.length === 0) return null;
  const copy = new Uint8Array(reply.length);
  copy.set(reply);
  return copy;
}
