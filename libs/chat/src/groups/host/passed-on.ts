/** A message of another member as a host passes it on (directory §2.4): whole as it came, with what is not known here. */
import type { JsonObject } from '@polyplex/protocol-chat';
import { outgoing } from '../../compose.ts';
import type { OutgoingMessage } from '../../records/records.ts';

export interface Author {
  readonly memberId: string;
  readonly displayName: string;
}

/** `at`: when it came, ISO 8601. */
export function passedOn({ memberId, displayName }: Author, { msg, at }: { readonly msg: JsonObject; readonly at: string }): OutgoingMessage {
  return outgoing({ event: 'x.grp.msg.forward', params: { memberId, memberName: displayName, msg, msgTs: at } });
}
