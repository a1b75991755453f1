/** What the side of the relays counts beyond `NtfStats`, since its start. No label comes from input. */
import { Counter, CounterFamily, Histogram } from '@polyplex/telemetry';

/** Why a relay could not be reached, or a connection ended. */
export type AwayCause = 'network' | 'timeout' | 'identity' | 'tls' | 'host' | 'protocol' | 'closed';

export type SubscribeResult = 'active' | 'AUTH' | 'SERVICE' | 'ERR' | 'later' | 'held';

export type ProbeResult = 'alive' | 'moved' | 'identity' | 'failed';

export class RelayStats {
  readonly connects = new Counter();
  readonly connectFailures = new CounterFamily<AwayCause>();
  readonly disconnects = new Counter();
  /** Answers to NSUB. `later`: none in time, or one that says nothing of the queue; `held`: refused, and not believed yet. */
  readonly subscribes = new CounterFamily<SubscribeResult>();
  /** Of NSUBS, and the difference of counts that its answers showed. */
  readonly serviceSubscribes = new Counter();
  readonly serviceMissing = new Counter();
  readonly serviceRefused = new Counter();
  readonly events = new CounterFamily<'NMSG' | 'END' | 'DELD' | 'ENDS' | 'late' | 'other'>();
  /** END that came because another node of ours has taken the relay over. */
  readonly endsOfTakeover = new Counter();
  readonly probes = new CounterFamily<ProbeResult>();
  /** From the arrival of a notification to its place in the store; seconds. */
  readonly receiveSeconds = new Histogram();
  readonly storeFailures = new Counter();
  readonly claimsLost = new Counter();
  readonly released = new Counter();
  /** Connections that were not read from because the store did not keep up. */
  readonly pauses = new Counter();
}
