/** What is kept of a peer's versions: what was agreed never goes down (directory §1.5). */
import type { VersionRange } from '@polyplex/protocol-common';

export function newerVersions(before: VersionRange, said: VersionRange): VersionRange {
  return said.max > before.max || (said.max === before.max && said.min !== before.min) ? said : before;
}
