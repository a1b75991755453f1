/**
 * Messages told apart by a tag: the bytes up to the first space or the end; parameters, where there are any, follow the
 * space (SMP §4.4, §5; XFTP §3.3, §3.4). A protocol has a table of its commands and one of its replies.
 */
import { utf8 } from '@polyplex/base';
import { type Codec, DecodeError, Reader, sp, Writer } from '@polyplex/codec';

/** Parameters by tag; null where there are none. */
type TagBodies = Readonly<Record<string, Codec<any> | null>>; // eslint-disable-line @typescript-eslint/no-explicit-any -- every row keeps its own type

/** Why bytes are no message of a table. */
type TagError = 'UNKNOWN' | 'SYNTAX';

interface TagTable<M extends { readonly tag: string }> {
  /** Values are views of `bytes`. */
  read(bytes: Uint8Array, version?: number): M | TagError;
  write(w: Writer, message: M): void;
  /** What a message begins with; shared, and not to be written to. */
  tagBytes(tag: M['tag']): Uint8Array;
}

const SPACE = 0x20;

/** The type of the messages is derived from the table by its protocol. */
export function tagTable<M extends { readonly tag: string }>(rows: TagBodies): TagTable<M> {
  const tagBytes = new Map(Object.keys(rows).map((tag) => [tag, utf8(tag)]));
  const longest = Math.max(...Object.keys(rows).map(({ length }) => length));

  function readTag(bytes: Uint8Array): string | null {
    let tag = '';
    for (let i = 0; i < bytes.length && bytes[i] !== SPACE; i++) {
      if (i === longest) return null;
      tag += String.fromCharCode(bytes[i]!);
    }
    return Object.hasOwn(rows, tag) ? tag : null;
  }

  return {
    read(bytes, version = 0) {
      const tag = readTag(bytes);
      if (tag === null) return 'UNKNOWN';
      const body: Codec<object> | null = rows[tag]!;
      if (body === null) return bytes.length === tag.length ? ({ tag } as M) : 'SYNTAX';
      const r = new Reader(bytes, version, tag.length);
      try {
        sp.read(r);
        const value = body.read(r);
        r.expectEnd();
        return { tag, ...value } as M;
      } catch (error) {
        if (error instanceof DecodeError) return 'SYNTAX';
        throw error;
      }
    },
    write(w, message) {
      const body: Codec<object> | null = rows[message.tag]!;
      w.put(tagBytes.get(message.tag)!);
      if (body === null) return;
      sp.write(w);
      body.write(w, message);
    },
    tagBytes: (tag) => tagBytes.get(tag)!,
  };
}

/** Of a table whose rows say more than the parameters. */
export function bodiesOf(rows: Readonly<Record<string, { readonly body: TagBodies[string] }>>): TagBodies {
  return Object.fromEntries(Object.entries(rows).map(([tag, { body }]) => [tag, body]));
}
