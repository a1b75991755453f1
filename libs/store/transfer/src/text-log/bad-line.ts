/** A line that is told by its number, and passed over. */
export interface BadLine<Fault extends string> {
  readonly line: number;
  readonly fault: Fault;
  /** Whether something may be missing for want of it; otherwise nothing would have come of it. */
  readonly loses: boolean;
}

/** What is wrong with a record, or null. */
export type RecordFault<Fault extends string> = Omit<BadLine<Fault>, 'line'> | null;

export function losing<Fault extends string>(fault: Fault): RecordFault<Fault> {
  return { fault, loses: true };
}

export function harmless<Fault extends string>(fault: Fault): RecordFault<Fault> {
  return { fault, loses: false };
}
