/** Who performs which task. */
import { joiningRelay } from '../groups/channels/joining.ts';
import { lookingUp } from '../groups/channels/look-up.ts';
import { broadcasting, tellingContacts } from './broadcasts.ts';
import { accepting, inviting, joining } from './connections.ts';
import { creatingLink, flushing, introducing } from './host-tasks.ts';
import type { Performers } from './performer.ts';

export const performers: Performers = {
  accept: accepting,
  join: joining,
  invite: inviting,
  broadcast: broadcasting,
  'tell-contacts': tellingContacts,
  'create-link': creatingLink,
  introduce: introducing,
  flush: flushing,
  'look-up': lookingUp,
  'join-relay': joiningRelay,
};
