/**
 * The log's rate: of each message the first lines of a period are written, the others are counted, and their number is
 * told when the period is over. Whatever clients do, a message takes at most so many lines.
 */
import { type Clock, SECOND } from '@polyplex/base';
import type { LogLevel } from '@polyplex/telemetry';

const PERIOD_MS = 10 * SECOND;
const LINES_IN_PERIOD = 5;
/** Messages are constants of the program; should one be made of input after all, memory stays bounded. */
const MAX_MESSAGES = 1000;

interface Period {
  readonly level: LogLevel;
  written: number;
  heldBack: number;
}

/** How many lines of a message were held back, and over how many seconds. */
export interface Repeated {
  readonly repeated: number;
  readonly seconds: number;
}

export class Repeats {
  private readonly periods = new Map<string, Period>();
  private readonly clock: Clock;
  private readonly tell: (level: LogLevel, message: string, repeated: Repeated) => void;

  constructor(clock: Clock, tell: (level: LogLevel, message: string, repeated: Repeated) => void) {
    this.clock = clock;
    this.tell = tell;
  }

  /** Whether to write a line with this message now. */
  admit(level: LogLevel, message: string): boolean {
    const period = this.periods.get(message) ?? this.begin(level, message);
    if (period.written < LINES_IN_PERIOD) {
      period.written++;
      return true;
    }
    period.heldBack++;
    return false;
  }

  /** Tells at once what was held back, as a process does before it ends. */
  flush(): void {
    for (const message of [...this.periods.keys()]) this.end(message);
  }

  private begin(level: LogLevel, message: string): Period {
    if (this.periods.size >= MAX_MESSAGES) this.flush();
    const period: Period = { level, written: 0, heldBack: 0 };
    this.periods.set(message, period);
    this.clock.after(PERIOD_MS, () => {
      if (this.periods.get(message) === period) this.end(message);
    });
    return period;
  }

  private end(message: string): void {
    const period = this.periods.get(message);
    this.periods.delete(message);
    if (period !== undefined && period.heldBack > 0) this.tell(period.level, message, { repeated: period.heldBack, seconds: PERIOD_MS / SECOND });
  }
}
