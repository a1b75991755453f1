/** Pictures of groups as files of the web listing (directory §3.9). */
import { createHash } from 'node:crypto';

export interface ListingImage {
  /** Below the listing's folder: `images/<name>`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const PREFIX = /^data:image\/(png|jpg|jpeg);base64,/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** What files of these kinds begin with: nothing else is given to browsers under their names. */
const BEGINNINGS: Readonly<Record<'png' | 'jpg', readonly number[]>> = { png: [0x89, 0x50, 0x4e, 0x47], jpg: [0xff, 0xd8, 0xff] };

/** Null for what is no picture. `link`: the group's full link, of which the name is a digest. */
export function listingImage(link: string, dataUri: string): ListingImage | null {
  const prefix = PREFIX.exec(dataUri);
  const extension = prefix?.[1] === 'png' ? 'png' : 'jpg';
  const data = dataUri.slice(prefix?.[0].length ?? 0);
  if (!BASE64.test(data)) return null;
  const bytes = Buffer.from(data, 'base64');
  const isKind = BEGINNINGS[extension].every((byte, at) => bytes[at] === byte);
  // MD5 is the reference's naming, and protects nothing.
  return isKind ? { path: `images/${createHash('md5').update(link).digest('base64url')}.${extension}`, bytes } : null;
}
