/**
 * Names of the keys of a file server. All have one hash tag and so lie in one slot: a step is one script, whatever it
 * touches. Every key that it touches is named to Redis, since those of a slot on the move may be in two places. Records are
 * small beside the bodies that they stand for, and one shard makes more steps a second than any network of nodes has bodies
 * to move. Ids are in base64url.
 */

/** Base64url without padding. */
export function idText(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('base64url');
}

export class FileKeys {
  private readonly tag: string;
  /** Sender ids by the time of creation. */
  readonly created: string;
  readonly usage: string;
  /** Every body that is known: `state:size:sender`, where the state is U (under way), H (held) or L (left). */
  readonly bodies: string;
  /** Bodies that no file has, by the time at which they are due. */
  readonly due: string;
  readonly format: string;

  constructor(prefix: string) {
    const tag = `{${prefix}:files}`;
    this.tag = tag;
    this.created = `${tag}:created`;
    this.usage = `${tag}:usage`;
    this.bodies = `${tag}:bodies`;
    this.due = `${tag}:due`;
    this.format = `${tag}:format`;
  }

  /** All ids here as `idText` gives them. */
  file(senderId: string): string {
    return `${this.tag}:f:${senderId}`;
  }

  members(senderId: string): string {
    return `${this.tag}:m:${senderId}`;
  }

  recipient(recipientId: string): string {
    return `${this.tag}:r:${recipientId}`;
  }
}
