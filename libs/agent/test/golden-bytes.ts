/** Bytes as golden data prints them, and what reads them. */
export { large, Reader, shortString } from '@polyplex/codec';

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
