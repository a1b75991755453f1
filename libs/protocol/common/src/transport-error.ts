/** Transport errors as text (SMP §5.7): inside broker errors, and in the answer to a service handshake. */
export const TRANSPORT_ERRORS = [
  'BLOCK', 'VERSION', 'LARGE_MSG', 'SESSION', 'NO_AUTH',
  'HANDSHAKE PARSE', 'HANDSHAKE IDENTITY', 'HANDSHAKE BAD_AUTH', 'HANDSHAKE BAD_SERVICE',
] as const;

export type TransportError = (typeof TRANSPORT_ERRORS)[number];

export function isTransportError(text: string): text is TransportError {
  return (TRANSPORT_ERRORS as readonly string[]).includes(text);
}
