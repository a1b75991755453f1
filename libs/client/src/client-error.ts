/**
 * What can go wrong between a client and its relay apart from the relay's own `ERR`. Each error says which broker
 * error it is in the protocol's words, so that a proxy passes it on unchanged (SMP §7.4).
 */
import { CodedError, hasCode } from '@polyplex/base';
import type { TransportError } from '@polyplex/protocol-common';
import { type BrokerError, type SmpError, smpErrorText } from '@polyplex/protocol-smp';

export type SmpClientErrorCode =
  | 'TIMEOUT' // no answer in time; the answer may still come, as a late one
  | 'NETWORK' // no connection, or it was lost
  | 'RESPONSE' // the answer cannot be read
  | 'UNEXPECTED' // the answer is not one that the command has
  | 'TRANSPORT' // the handshake, a block or an authorisation failed
  | 'HOST' // the address has no host that can be used
  | 'BUSY' // too many requests are waiting for answers
  | 'CLOSED'; // we closed the connection

export class SmpClientError extends CodedError<SmpClientErrorCode> {
  override readonly name = 'SmpClientError';
  /** The same in the protocol's words. */
  readonly broker: BrokerError;

  constructor(code: SmpClientErrorCode, message: string, options: { broker?: BrokerError; cause?: unknown } = {}) {
    super(code, message, { cause: options.cause });
    this.broker = options.broker ?? brokerErrorOf(code);
  }
}

function brokerErrorOf(code: SmpClientErrorCode): BrokerError {
  switch (code) {
    case 'TIMEOUT':
    case 'BUSY':
      return { type: 'TIMEOUT' };
    case 'NETWORK':
    case 'CLOSED':
      return { type: 'NETWORK' };
    case 'HOST':
      return { type: 'HOST' };
    case 'TRANSPORT':
      return { type: 'TRANSPORT', error: 'BLOCK' };
    case 'RESPONSE':
    case 'UNEXPECTED':
      return { type: code, text: '' };
  }
}

export function transportError(error: TransportError): SmpClientError {
  return new SmpClientError('TRANSPORT', `transport error: ${error}`, { broker: { type: 'TRANSPORT', error } });
}

/** `text` names a tag or a reason, never an id. */
export function responseError(code: 'RESPONSE' | 'UNEXPECTED', text: string): SmpClientError {
  return new SmpClientError(code, code === 'RESPONSE' ? `unreadable answer: ${text}` : `unexpected answer: ${text}`, {
    broker: { type: code, text },
  });
}

/** A failed dial as ours; what the transport said stays the cause. */
export function dialFailure(error: unknown): SmpClientError {
  if (error instanceof SmpClientError) return error;
  const options = { cause: error };
  if (hasCode(error, 'TIMEOUT')) return new SmpClientError('TIMEOUT', 'no connection in time', options);
  if (hasCode(error, 'HOST')) return new SmpClientError('HOST', 'the host cannot be used', options);
  if (hasCode(error, 'ABORTED')) return new SmpClientError('CLOSED', 'the attempt was given up', options);
  return new SmpClientError('NETWORK', 'the connection failed', options);
}

/** The relay answered `ERR`: thrown by the typed helpers; `request` hands the reply out as a value. */
export class RefusedError extends CodedError<'REFUSED'> {
  override readonly name = 'RefusedError';
  readonly error: SmpError;

  constructor(error: SmpError) {
    super('REFUSED', `the relay answered ${smpErrorText(error)}`);
    this.error = error;
  }
}

/** The proxy, not the destination relay, answered `ERR` (SMP §7.4). */
export class ProxyRefusedError extends CodedError<'PROXY'> {
  override readonly name = 'ProxyRefusedError';
  readonly error: SmpError;

  constructor(error: SmpError) {
    super('PROXY', `the proxy answered ${smpErrorText(error)}`);
    this.error = error;
  }

  /** The proxy has forgotten the relay session: PRXY again, then repeat. */
  get isSessionGone(): boolean {
    return this.error.type === 'PROXY' && this.error.error.type === 'NO_SESSION';
  }
}
