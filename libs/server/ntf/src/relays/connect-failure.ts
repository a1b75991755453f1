/** Why a relay could not be connected to, in words for the operator; what the transport said is the error's cause. */
import { hasCode } from '@polyplex/base';
import { SmpClientError } from '@polyplex/client';
import type { AwayCause } from './relay-stats.ts';

/** Rethrows what is no failure of a connection. */
export function connectFailure(error: unknown): AwayCause {
  if (!(error instanceof SmpClientError)) throw error;
  if (hasCode(error.cause, 'IDENTITY')) return 'identity';
  if (hasCode(error.cause, 'TLS')) return 'tls';
  switch (error.code) {
    case 'HOST':
      return 'host';
    case 'TIMEOUT':
      return 'timeout';
    case 'TRANSPORT':
      return isIdentity(error) ? 'identity' : 'protocol';
    case 'CLOSED':
      return 'closed';
    default:
      return 'network';
  }
}

function isIdentity({ broker }: SmpClientError): boolean {
  return broker.type === 'TRANSPORT' && broker.error === 'HANDSHAKE IDENTITY';
}

/** The relay answered our service with an error: a session without it may stand. */
export function isBadService(error: unknown): boolean {
  return error instanceof SmpClientError && error.broker.type === 'TRANSPORT' && error.broker.error === 'HANDSHAKE BAD_SERVICE';
}

/** No host of the address can ever be used from here. One that only a look into DNS ruled out may be another one tomorrow. */
export function isIncompatible(error: unknown): boolean {
  return error instanceof SmpClientError && error.code === 'HOST' && error.cause === undefined;
}
