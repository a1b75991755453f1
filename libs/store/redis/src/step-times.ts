/** How long steps took on each primary that this process has ever talked to. */
import { Histogram } from '@polyplex/telemetry';
import type { ServerAddress } from './connection.ts';

/** Failovers and new machines bring new names; what watches the numbers must not drown in them. */
const MOST_NAMES = 64;
const OTHER = 'other';

export class StepTimes {
  readonly byName = new Map<string, Histogram>();

  /** The same one for the same server, and for all servers that are too many. */
  of(address: ServerAddress): Histogram {
    const name = nameOf(address);
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    return this.byName.size < MOST_NAMES ? this.add(name) : (this.byName.get(OTHER) ?? this.add(OTHER));
  }

  private add(name: string): Histogram {
    const histogram = new Histogram();
    this.byName.set(name, histogram);
    return histogram;
  }
}

/** As an operator knows the server. */
export function nameOf({ host, port }: ServerAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}
