/** For status pages. */
import { formatDuration } from '@polyplex/config';
import { SECOND } from '@polyplex/base';

/** Time since then (milliseconds of the clock), in as many units as people want to read. */
export function upTime(startedAt: number): string {
  const seconds = Math.floor((Date.now() - startedAt) / SECOND);
  const unit = seconds < 3600 ? 60 : 3600;
  return seconds < 60 ? `${String(seconds)}s` : formatDuration(Math.floor(seconds / unit) * unit * SECOND);
}
