export * from './bulk-turns.ts';
export * from './drain-sessions.ts';
export { type Accepted, type CheckedService, type HandshakeFailure, type Offer, type ServerCredentials, type ServerHandshake } from './handshake.ts';
export * from './keyed-order.ts';
export * from './password.ts';
export * from './rate-limit.ts';
export * from './session.ts';
export * from './slots.ts';
export * from './verifier.ts';
