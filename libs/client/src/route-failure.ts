/** What a failure on the way through a proxy means for who asks (SMP §7.4): whether it passes, or no such way can be. */
import type { BrokerError, ProxyError } from '@polyplex/protocol-smp';
import { ProxyRefusedError, SmpClientError, type SmpClientErrorCode, transportError } from './client-error.ts';

/** A failure of `ProxySession` or `ProxiedRequester` as the failure of a direct session would be told; others are thrown. */
export function routeFailure(error: unknown): SmpClientError {
  if (error instanceof SmpClientError) return error;
  if (!(error instanceof ProxyRefusedError)) throw error;
  switch (error.error.type) {
    case 'PROXY':
      return proxyFailure(error.error.error, error);
    // It does not know the commands, or does not want us.
    case 'CMD':
    case 'AUTH':
      return new SmpClientError('TRANSPORT', 'the proxy takes no such command', { broker: { type: 'TRANSPORT', error: 'VERSION' }, cause: error });
    default:
      return new SmpClientError('UNEXPECTED', 'the proxy refuses', { cause: error });
  }
}

const CODES: Readonly<Record<Exclude<BrokerError['type'], 'TRANSPORT'>, SmpClientErrorCode>> = {
  RESPONSE: 'RESPONSE', UNEXPECTED: 'UNEXPECTED', NETWORK: 'NETWORK', TIMEOUT: 'TIMEOUT', HOST: 'HOST', NO_SERVICE: 'UNEXPECTED',
};

function proxyFailure(error: ProxyError, cause: ProxyRefusedError): SmpClientError {
  if (error.type === 'BASIC_AUTH') return new SmpClientError('TRANSPORT', 'the proxy wants another password', { cause });
  if (error.type !== 'BROKER') return new SmpClientError('UNEXPECTED', `the proxy answered ${error.type}`, { cause });
  const { error: broker } = error;
  if (broker.type === 'TRANSPORT') return transportError(broker.error);
  return new SmpClientError(CODES[broker.type], `the proxy says of the relay: ${broker.type}`, { cause });
}

/** Whether no way through a proxy leads there, now or later: it cannot name the relay, or one of both does not speak private routing. */
export function hasRouteEnded({ code, broker }: SmpClientError): boolean {
  return code === 'HOST' || (broker.type === 'TRANSPORT' && (broker.error === 'VERSION' || broker.error === 'NO_AUTH'));
}
