/**
 * The queue log of the reference's relay, folded into whole queues: some 210 bytes of memory a queue and 95 more with a
 * notifier, whatever the log has grown to. A line that is wrong is told and passed over, as the reference does.
 */
import type { BadLine } from '../text-log/bad-line.ts';
import { eachLine } from '../text-log/log-lines.ts';
import type { QueueLineFault } from './line-fault.ts';
import { readLogRecord } from './log-record.ts';
import { QueueFold } from './queue-fold.ts';

export interface SmpLog {
  readonly lines: number;
  readonly queues: QueueFold;
}

/** Rejects only with what the chunks reject with. */
export async function readSmpLog(chunks: AsyncIterable<Uint8Array>, onBadLine: (bad: BadLine<QueueLineFault>) => void): Promise<SmpLog> {
  const queues = new QueueFold();
  let lines = 0;
  await eachLine(chunks, (text, line, at, ends) => {
    lines = line;
    const record = text === null ? 'LONG' : ends ? readLogRecord(text) : 'CUT';
    const fault = typeof record === 'string' ? { fault: record, loses: true } : queues.take(record, line, { at, bytes: text!.length });
    if (fault !== null) onBadLine({ line, ...fault });
  });
  return { lines, queues };
}
