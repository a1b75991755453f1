/** Whether 65 bytes are a point of the curve P-256: Web Push keys are agreed with, and a point off the curve leaks (NTF §5.1). */

const PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const COORDINATE_BYTES = 32;
const UNCOMPRESSED = 0x04;

export const P256_POINT_BYTES = 1 + 2 * COORDINATE_BYTES;

function numberOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** y² = x³ − 3x + b, in the uncompressed form of SEC 1; the point at infinity has no such form. */
export function isP256Point(bytes: Uint8Array): boolean {
  if (bytes.length !== P256_POINT_BYTES || bytes[0] !== UNCOMPRESSED) return false;
  const x = numberOf(bytes.subarray(1, 1 + COORDINATE_BYTES));
  const y = numberOf(bytes.subarray(1 + COORDINATE_BYTES));
  if (x >= PRIME || y >= PRIME) return false;
  return (y * y - (x * x * x - 3n * x + B)) % PRIME === 0n;
}
