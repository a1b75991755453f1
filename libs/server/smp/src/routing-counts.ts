/**
 * What became of sessions with other relays and of commands for them, for all and for relays of the same operator (SMP §9.6
 * columns 20-39, §9.7 `source`). `connect`: it could not be reached, or its session is gone; `compat`: it speaks another
 * version or authenticates itself in none; `other`: any other failure.
 */
import type { BrokerError, SmpReply } from '@polyplex/protocol-smp';
import { CounterFamily } from '@polyplex/telemetry';

export const ROUTING_ERRORS = ['connect', 'compat', 'other'] as const;
export type RoutingError = (typeof ROUTING_ERRORS)[number];
export type RoutingEvent = 'requested' | 'succeeded' | RoutingError;

export class RoutingCounts {
  readonly all = new CounterFamily<RoutingEvent>();
  /** Those of `all` that concern a relay of the same operator. */
  readonly own = new CounterFamily<RoutingEvent>();

  add(event: RoutingEvent, own: boolean): void {
    this.all.add(event);
    if (own) this.own.add(event);
  }

  get(event: RoutingEvent): number {
    return this.all.get(event);
  }
}

function brokerEvent(error: BrokerError): RoutingError {
  switch (error.type) {
    case 'NETWORK':
    case 'TIMEOUT':
    case 'HOST':
      return 'connect';
    case 'TRANSPORT':
      return error.error === 'VERSION' || error.error === 'NO_AUTH' ? 'compat' : 'other';
    default:
      return 'other';
  }
}

/** What a client's PRXY or PFWD came to. An error that the other relay itself answered was routed well. */
export function routingEvent(reply: SmpReply): Exclude<RoutingEvent, 'requested'> {
  if (reply.tag !== 'ERR') return 'succeeded';
  const { error } = reply;
  if (error.type !== 'PROXY') return 'other';
  switch (error.error.type) {
    case 'PROTOCOL':
      return 'succeeded';
    case 'NO_SESSION':
      return 'connect';
    case 'BROKER':
      return brokerEvent(error.error.error);
    case 'BASIC_AUTH':
      return 'other';
  }
}
