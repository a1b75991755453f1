/**
 * Links of web pages (XFTP §1.6): the description, compressed by raw DEFLATE, is the fragment, which browsers do not send
 * to the server. Links come from strangers: what they inflate to is bounded.
 */
import { concatBytes, fromBase64Url, textOf, toBase64Url, utf8 } from '@polyplex/base';
import { deflateSync, Inflate } from 'fflate';
import { descriptionError, type FileDescription, MAX_DESCRIPTION_BYTES } from './file-description.ts';
import { forRecipient } from './file-link.ts';
import { formatDescription } from './format-description.ts';
import { parseDescription } from './parse-description.ts';

/** Above so many characters of the fragment, and with more than one chunk, web pages make a redirect. */
export const WEB_REDIRECT_CHARACTERS = 400;
/** Shorter fragments are the page's own business. */
const SHORTEST_FRAGMENT = 51;
/** DEFLATE makes at most 1032 bytes of one: a slice cannot become more than half of what a description may be. */
const SLICE_BYTES = 512;
const MAX_FRAGMENT_CHARACTERS = 2 * MAX_DESCRIPTION_BYTES;

/** The fragment of a recipient's description, without `#`. */
export function webFragment(description: FileDescription): string {
  return toBase64Url(deflateSync(utf8(formatDescription(forRecipient(description))), { level: 9 }));
}

/** `page` is the address of the page that reads it, with or without a path: `https://host`, `https://host/files/`. */
export function webLink(page: string, description: FileDescription): string {
  const path = /^https?:\/\/[^/]+$/.test(page) ? '/' : '';
  return `${page}${path}#${webFragment(description)}`;
}

/** Takes a whole link or the fragment alone. Null when it is none; throws `CodedError` (`BAD_DESCRIPTION`) when what it carries is wrong. */
export function parseWebLink(text: string): FileDescription | null {
  const fragment = /^(?:https?:\/\/[^#\s]*#|#)?([A-Za-z0-9_=-]+)$/.exec(text.trim())?.[1] ?? '';
  if (fragment.length < SHORTEST_FRAGMENT) return null;
  const compressed = fragment.length > MAX_FRAGMENT_CHARACTERS ? null : fromBase64Url(fragment);
  const yaml = compressed === null ? null : textOf(inflate(compressed));
  if (yaml === null) throw descriptionError('bad web link');
  return forRecipient(parseDescription(yaml));
}

function inflate(compressed: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const stream = new Inflate((piece) => {
    length += piece.length;
    pieces.push(piece);
  });
  for (let at = 0; at < compressed.length; at += SLICE_BYTES) {
    push(stream, compressed.slice(at, at + SLICE_BYTES), at + SLICE_BYTES >= compressed.length);
    if (length > MAX_DESCRIPTION_BYTES) throw descriptionError('file description is too long');
  }
  return concatBytes(...pieces);
}

function push(stream: Inflate, slice: Uint8Array, isLast: boolean): void {
  try {
    stream.push(slice, isLast);
  } catch (error) {
    throw descriptionError('bad web link', error); // whatever the inflater says of bytes of a stranger
  }
}
