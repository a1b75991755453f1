/**
 * Redirects (XFTP §1.7): a description that is too long for a link is sent as a small file of its own, and the link holds
 * the description of that file. One level only.
 */
import { equalBytes, textOf, utf8 } from '@polyplex/base';
import { encode } from '@polyplex/codec';
import { BOX_TAG_BYTES } from '@polyplex/crypto';
import { singleChunk } from './chunk-sizes.ts';
import { descriptionError, type FileDescription, type FileRedirect, MAX_DESCRIPTION_BYTES } from './file-description.ts';
import { FILE_LENGTH_BYTES, fileHeader } from './file-header.ts';
import { forRecipient } from './file-link.ts';
import { formatDescription } from './format-description.ts';
import { parseDescription } from './parse-description.ts';

/** A small file to be sent like any other. */
export interface RedirectFile {
  readonly name: string;
  readonly content: Uint8Array;
  /** Exactly one chunk. */
  readonly chunkSizes: readonly [number];
  /** What the description of this file says of the one inside it. */
  readonly redirect: FileRedirect;
}

/** Throws `CodedError` (`BAD_DESCRIPTION`) when the description is longer than receivers read. Web pages give it an empty name. */
export function redirectFile(inner: FileDescription, name = 'direct.yaml'): RedirectFile {
  const content = utf8(formatDescription(forRecipient(inner)));
  const size = content.length > MAX_DESCRIPTION_BYTES ? null : singleChunk(FILE_LENGTH_BYTES + encode(fileHeader, { name, extra: null }).length + content.length + BOX_TAG_BYTES);
  if (size === null) throw descriptionError('file description is too long');
  return { name, content, chunkSizes: [size], redirect: { size: inner.size, digest: inner.digest } };
}

/** The description inside the file that `outer` describes, given that file's content. Throws `CodedError` (`BAD_DESCRIPTION`). */
export function openRedirect(outer: FileDescription, content: Uint8Array): FileDescription {
  const yaml = content.length > MAX_DESCRIPTION_BYTES ? null : textOf(content);
  if (yaml === null || outer.redirect === null) throw descriptionError('redirect does not hold a file description');
  const inner = forRecipient(parseDescription(yaml));
  if (inner.redirect !== null) throw descriptionError('Redirect chain too long');
  if (inner.size !== outer.redirect.size || !equalBytes(inner.digest, outer.redirect.digest)) {
    throw descriptionError('redirect leads to another file than it says');
  }
  return inner;
}
