export { type CheckedService, type HandshakeFailure, type ServerCredentials } from './handshake.ts';
export * from './keyed-order.ts';
export * from './rate-limit.ts';
export * from './session.ts';
export * from './slots.ts';
export * from './verifier.ts';
