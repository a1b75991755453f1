/**
 * How long messages that were delivered have waited for their ACK: how many there are for each five seconds in which they
 * were delivered, so that reading costs the same however many there are (SMP §9.7 `delivery_ack`).
 */
import { SECOND } from '@polyplex/base';

/** Divides the bounds of all periods. */
const SLOT_MS = 5 * SECOND;

/** The reference's periods, by their upper bounds in seconds. */
export const ACKNOWLEDGE_PERIODS = { '0-60': 60, '60-300': 300, '300-1200': 1200, '1200-3600': 3600, '3600+': Infinity } as const;
export type AcknowledgePeriod = keyof typeof ACKNOWLEDGE_PERIODS;


/** How long deliveries have waited for their ACK. */
export interface WaitingDeliveries {
  readonly byPeriod: Readonly<Record<AcknowledgePeriod, number>>;
  /** To five seconds; 0 when nothing waits. */
  readonly longestSeconds: number;
}

const PERIODS = Object.entries(ACKNOWLEDGE_PERIODS) as readonly (readonly [AcknowledgePeriod, number])[];

export class PendingDeliveries {
  private readonly bySlot = new Map<number, number>();
  /** How many wait. */
  count = 0;

  /** `at`: when it was delivered, in milliseconds of the clock. */
  begin(at: number): void {
    this.change(at, 1);
  }

  /** `at`: as it was begun. */
  end(at: number): void {
    this.change(at, -1);
  }

  private change(at: number, by: 1 | -1): void {
    const slot = Math.floor(at / SLOT_MS);
    const count = (this.bySlot.get(slot) ?? 0) + by;
    this.count += by;
    if (count === 0) this.bySlot.delete(slot);
    else this.bySlot.set(slot, count);
  }

  waiting(now: number): WaitingDeliveries {
    const byPeriod: Record<AcknowledgePeriod, number> = { '0-60': 0, '60-300': 0, '300-1200': 0, '1200-3600': 0, '3600+': 0 };
    let longestSeconds = 0;
    for (const [slot, count] of this.bySlot) {
      const seconds = Math.max(0, (now - slot * SLOT_MS) / SECOND);
      const [period] = PERIODS.find(([, bound]) => seconds <= bound)!;
      byPeriod[period] += count;
      longestSeconds = Math.max(longestSeconds, seconds);
    }
    return { byPeriod, longestSeconds };
  }
}
