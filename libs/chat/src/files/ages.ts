/** How long files are known of: servers keep them for two days by default, and their senders may need as long to put them there. */
import { DAY, SECOND } from '@polyplex/base';
import { keyOf, sortable } from '../records/keys.ts';
import type { Step } from '../step.ts';

const FORGOTTEN_AFTER_MS = 7 * DAY;

/** Answers the key of its age. */
export function beginAge(step: Step, fileId: string): string {
  const key = `${sortable(Math.floor(step.now / SECOND))}/${keyOf(step.records.next('file-age'))}`;
  step.records.put('file-age', key, fileId);
  return key;
}

/** Those of long ago, the oldest first. */
export function oldFiles(step: Step, atMost: number): readonly string[] {
  const oldest = sortable(Math.floor((step.now - FORGOTTEN_AFTER_MS) / SECOND));
  return step.records.list('file-age', '', atMost).filter(({ key }) => key < oldest).map(({ value }) => value);
}
