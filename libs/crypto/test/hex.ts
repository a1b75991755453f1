/** Bytes as the vectors print them. */

export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The padding of SMP §1.6: length, content, `#` up to `length` bytes in all. */
export function padTo(length: number, content: Uint8Array): Uint8Array {
  const padded = new Uint8Array(length).fill(0x23);
  padded.set([content.length >> 8, content.length & 0xff]);
  padded.set(content, 2);
  return padded;
}
