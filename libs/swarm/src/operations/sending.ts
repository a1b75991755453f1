/** A message to one contact, and what it took. */
import { type Requester, sendMessage, type SenderKeys } from '@polyplex/client';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import type { Arrival, Deliveries } from '../deliveries.ts';
import { timed } from '../failure.ts';
import type { Sent } from '../protocol.ts';
import type { User } from '../user.ts';

export interface Sending {
  readonly deliveries: Deliveries;
  readonly through: Requester;
  readonly keys: SenderKeys;
  readonly to: User;
  readonly bytes: number | undefined;
  readonly notify?: boolean;
}

/** Resolves when the recipient, if it is online, has it and has acknowledged it. Rejects with `SwarmError`. */
export async function sendOne({ deliveries, through, keys, to, bytes, notify = false }: Sending): Promise<Sent> {
  const most = maxBodyBytes(through.version);
  const { tag, body } = deliveries.body(Math.min(bytes ?? most, most));
  const waits = to.online;
  const started = performance.now();
  const arrival: Promise<Arrival | null> = waits ? deliveries.expect(tag, to.name) : Promise.resolve(null);
  arrival.catch(() => undefined); // awaited below, or of no interest where the relay refuses
  try {
    const { ms } = await timed('send', () => sendMessage(through, keys, body, notify));
    deliveries.accepted(tag);
    const arrived = await arrival;
    return { sendMs: ms, deliveryMs: arrived === null ? null : arrived.at - started, ackMs: arrived?.ackMs ?? null };
  } finally {
    deliveries.forget(tag);
  }
}
