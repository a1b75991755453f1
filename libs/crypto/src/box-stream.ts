/**
 * The box of `box.ts` over content that comes in pieces, with the tag apart from it (XFTP §4.2): files and chunk bodies
 * have it at their end. Where pieces begin and end has no effect on the bytes. Content that was opened is not to be
 * trusted before `finish` has answered true: the tag is known only at the end.
 */
import { CodedError } from '@polyplex/base';
import { cryptoProvider } from './active-provider.ts';
import { BOX_NONCE_BYTES, BOX_TAG_BYTES, type BoxKey } from './box.ts';
import { equalSecret } from './hashes.ts';
import type { CryptoProvider, Digester } from './provider.ts';

export interface BoxSealer {
  /** Encrypts the next piece into `out`, of the same length and by default the piece's own memory; answers `out`. */
  update(plain: Uint8Array, out?: Uint8Array): Uint8Array;
  /** The tag, 16 bytes; nothing is called after it. */
  finish(): Uint8Array;
}

export interface BoxOpener {
  /** Decrypts the next piece into `out`, of the same length and by default the piece's own memory; answers `out`. */
  update(cipher: Uint8Array, out?: Uint8Array): Uint8Array;
  /** Whether the tag fits all that was opened; nothing is called after it. */
  finish(tag: Uint8Array): boolean;
}

/** Bytes of the key stream that make the one-time key of the tag; content begins after them. */
const TAG_KEY_BYTES = 32;
const SALSA_BLOCK_BYTES = 64;
/** How much of the nonce goes into the key; the rest is Salsa20's own nonce. */
const KEY_NONCE_BYTES = 16;

/** Encrypts with `key` under a nonce of 24 bytes that is used for nothing else. */
export function createBoxSealer(key: BoxKey, nonce: Uint8Array): BoxSealer {
  return boxSealer(cryptoProvider, key, nonce);
}

/** Decrypts what `createBoxSealer` or any other box with the tag apart made. */
export function createBoxOpener(key: BoxKey, nonce: Uint8Array): BoxOpener {
  return boxOpener(cryptoProvider, key, nonce);
}

export function boxSealer(provider: CryptoProvider, key: BoxKey, nonce: Uint8Array): BoxSealer {
  const stream = new KeyStream(provider, key, nonce);
  const tag = provider.poly1305(stream.tagKey());
  return {
    update(plain, out = plain) {
      stream.xor(out, plain);
      tag.update(out);
      return out;
    },
    finish: () => finished(stream, tag),
  };
}

export function boxOpener(provider: CryptoProvider, key: BoxKey, nonce: Uint8Array): BoxOpener {
  const stream = new KeyStream(provider, key, nonce);
  const tag = provider.poly1305(stream.tagKey());
  return {
    update(cipher, out = cipher) {
      tag.update(cipher);
      stream.xor(out, cipher);
      return out;
    },
    finish: (expected) => expected.length === BOX_TAG_BYTES && equalSecret(finished(stream, tag), expected),
  };
}

function finished(stream: KeyStream, tag: Digester): Uint8Array {
  stream.end();
  return tag.digest();
}

/** XSalsa20 from any byte on: whole blocks by the provider, what is left of a block between two pieces from `block`. */
class KeyStream {
  readonly #provider: CryptoProvider;
  readonly #key: Uint8Array;
  readonly #nonce: Uint8Array;
  /** The block of key stream that the last piece ended in. */
  readonly #block = new Uint8Array(SALSA_BLOCK_BYTES);
  #used = SALSA_BLOCK_BYTES;
  #next = 0;

  constructor(provider: CryptoProvider, key: BoxKey, nonce: Uint8Array) {
    if (nonce.length !== BOX_NONCE_BYTES) throw new CodedError('BAD_LENGTH', 'a box nonce has 24 bytes');
    this.#provider = provider;
    this.#key = provider.hsalsa20Of(key, nonce.subarray(0, KEY_NONCE_BYTES));
    this.#nonce = nonce.slice(KEY_NONCE_BYTES);
  }

  /** The first bytes of the stream; called once, before all content. */
  tagKey(): Uint8Array {
    this.#startBlock();
    this.#used = TAG_KEY_BYTES;
    return this.#block.slice(0, TAG_KEY_BYTES);
  }

  xor(out: Uint8Array, input: Uint8Array): void {
    if (out.length !== input.length) throw new CodedError('BAD_LENGTH', 'a piece and its result are equally long');
    let at = this.#xorWithin(out, input, 0);
    const whole = (input.length - at) - ((input.length - at) % SALSA_BLOCK_BYTES);
    if (whole > 0) {
      this.#provider.salsa20Xor(out.subarray(at, at + whole), input.subarray(at, at + whole), this.#position());
      this.#next += whole / SALSA_BLOCK_BYTES;
      at += whole;
    }
    if (at === input.length) return;
    this.#startBlock();
    this.#xorWithin(out, input, at);
  }

  end(): void {
    this.#key.fill(0);
    this.#block.fill(0);
    this.#next = Number.NaN; // a piece after the end would be encrypted with zeros: `#position` refuses it
    this.#used = SALSA_BLOCK_BYTES;
  }

  /** Uses up what is left of the block, from `at` on; answers the position after it. */
  #xorWithin(out: Uint8Array, input: Uint8Array, at: number): number {
    const count = Math.min(SALSA_BLOCK_BYTES - this.#used, input.length - at);
    for (let i = 0; i < count; i++) out[at + i] = input[at + i]! ^ this.#block[this.#used + i]!;
    this.#used += count;
    return at + count;
  }

  #startBlock(): void {
    const position = this.#position();
    this.#block.fill(0);
    this.#provider.salsa20Xor(this.#block, this.#block, position);
    this.#next++;
    this.#used = 0;
  }

  #position(): { key: Uint8Array; nonce: Uint8Array; block: number } {
    // Counters wrap at 2^32 blocks, which is 256 GiB; using a part of the stream twice would give the content away.
    if (!(this.#next < 0xffff_0000)) throw new CodedError('BAD_STATE', 'a box stream was used after its end');
    return { key: this.#key, nonce: this.#nonce, block: this.#next };
  }
}
