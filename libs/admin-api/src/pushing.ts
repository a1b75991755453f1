/** What a push proxy tells of relays and push services (NTF §6.5): states and counts, nothing of any device or queue. */
import { z } from 'zod';

const count = z.number().int().nonnegative();

export const RELAY_STATES = ['waiting', 'connecting', 'service', 'subscribing', 'subscribed'] as const;

export const RELAY_TROUBLES = ['unreachable', 'identity', 'incompatible', 'moved', 'address', 'refusing', 'fewer', 'service-taken'] as const;

const relayState = z.object({
  relay: z.string().describe('Its first host'),
  isOwn: z.boolean().describe('Whether it is of `ntfRelays.ownDomains`'),
  state: z.enum(RELAY_STATES).describe('`waiting` for the next try; `service` and `subscribing`: connected, and not everything is subscribed yet'),
  awaySeconds: z.number().nullable().describe('Since when there is no connection; null when there is one'),
  awayCause: z.string().nullable().describe('Why: `network`, `timeout`, `identity`, `tls`, `host`, `protocol` or `closed`'),
  subscriptions: count.describe('Queues that are to be watched, one by one'),
  active: count.describe('Of those, the ones that the relay has confirmed on this connection'),
  inService: count.describe('Queues that the relay has under our service certificate, as we know them'),
  activeInService: count.describe('As the relay counted them on this connection'),
  waiting: count.describe('Notifications of it that wait for the store'),
  troubles: z.array(z.enum(RELAY_TROUBLES)).describe('Signs that its queues are silent, such as that it moved to another address'),
});

export const relayStatesSchema = z.object({
  total: count.describe('Relays that this node watches'),
  relays: z.array(relayState).max(1000).describe('Those with troubles first, then the ones with most queues; not more than 1000'),
});

const placeState = z.object({
  place: z.string().describe('`apns_prod` or such, or the origin of a Web Push service'),
  queued: count.describe('Devices in line'),
  inFlight: count.describe('Pushes under way'),
  pausedSeconds: z.number().nullable().describe('For how long nothing is sent, as the service asked for or because it is not there; null when it is not so'),
  oldestSeconds: z.number().nullable().describe('For how long the oldest in line has been due; null without a line'),
});

export const placeStatesSchema = z.object({
  total: count.describe('Push services that this node has pushed to lately'),
  places: z.array(placeState).max(1000).describe('Paused ones first, then the longest lines; not more than 1000'),
});

export type RelayStates = z.infer<typeof relayStatesSchema>;
export type PlaceStates = z.infer<typeof placeStatesSchema>;
