/** The body of NEW in all its versions (SMP §5.2). */
import {
  bool, byVersion, char, type Codec, codec, fields, large, mapped, maybe, optional, shortString, since, tagged, literal, type TypeOf,
} from '@polyplex/codec';
import { authKey, dhKey, serverPassword } from '@polyplex/protocol-common';
import { NOTIFIER_IN_NEW_VERSION, SENDER_CAN_SECURE_VERSION, SHORT_LINKS_VERSION } from './versions.ts';

/** fixedData ‖ userData, opaque for the relay. */
export const linkDataBody = fields({ fixedData: large, userData: large });

/** "M" messaging, with or without link data; "C" contact address, the client names the link id too. */
const queueRequest = tagged({
  M: fields({ data: maybe(fields({ senderId: shortString, fixedData: large, userData: large })) }),
  C: fields({ data: maybe(fields({ linkId: shortString, senderId: shortString, fixedData: large, userData: large })) }),
});

export type QueueRequest = TypeOf<typeof queueRequest>;

/** Versions 9-14 say only whether the sender can secure the queue. */
const senderCanSecure: Codec<QueueRequest | null> = mapped<boolean, QueueRequest | null>(
  bool,
  (secure) => ({ type: secure ? 'M' : 'C', data: null }),
  (request) => request?.type === 'M',
);

const noRequest: Codec<QueueRequest | null> = codec<QueueRequest | null>(
  () => null,
  () => undefined,
);

/** Below version 9: nothing, or "A" and the password; the character cannot be a subscription mode. */
const legacyPassword = mapped(
  optional(fields({ _: literal('A'), password: serverPassword })),
  (found) => found?.password ?? null,
  (password) => (password === null ? null : { password }),
);

export const newQueueBody = fields({
  rcvAuthKey: authKey,
  rcvDhKey: dhKey,
  password: byVersion<string | null>([0, legacyPassword], [SENDER_CAN_SECURE_VERSION, maybe(serverPassword)]),
  /** "S" subscribe the creating connection, "C" create only. */
  subMode: char('S', 'C'),
  request: byVersion<QueueRequest | null>(
    [0, noRequest],
    [SENDER_CAN_SECURE_VERSION, senderCanSecure],
    [SHORT_LINKS_VERSION, maybe(queueRequest)],
  ),
  notifier: since(NOTIFIER_IN_NEW_VERSION, maybe(fields({ notifierKey: authKey, dhKey })), null),
});
