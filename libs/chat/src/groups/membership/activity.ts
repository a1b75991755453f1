/** When something was written in a group last: to a minute, since a group's record is not small. */
import { MINUTE } from '@polyplex/base';
import type { Group } from '../../records/records.ts';
import type { Step } from '../../step.ts';

export function touchGroup(step: Step, group: Group): Group {
  return step.now - group.activeAt < MINUTE ? group : step.updateGroup(group.groupId, { activeAt: step.now });
}
