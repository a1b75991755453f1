/** The agent's envelopes, and the one of a queue around them, encrypted between its two ends (agent §3, §4.1). */
import { bytes, char, type Codec, codec, encode, fields, maybe, pad, tagged, tail, tryDecode, type TypeOf, unpad, word16 } from '@polyplex/codec';
import { BOX_NONCE_BYTES, type BoxKey, openBox, type PublicKey, sealBox } from '@polyplex/crypto';
import { authKey, type AuthKey, dhKey } from '@polyplex/protocol-common';
import { largeText } from './agent-message.ts';
import { e2eParameters } from './e2e-parameters.ts';

/** `C` confirmation, `M` message, `I` invitation to a contact address, `R` keys of a new ratchet. */
const variants = tagged({
  C: fields({ e2e: maybe(e2eParameters), encrypted: tail }),
  M: fields({ encrypted: tail }),
  I: fields({ link: largeText, info: tail }),
  R: fields({ e2e: e2eParameters, info: tail }),
});

/** `version`: in `C` and `I` the agreed one, in `M` and `R` the sender's highest. */
export type AgentEnvelope = { readonly version: number } & TypeOf<typeof variants>;

export const agentEnvelope: Codec<AgentEnvelope> = codec(
  (r) => ({ version: word16.read(r), ...variants.read(r) }),
  (w, envelope) => {
    word16.write(w, envelope.version);
    variants.write(w, envelope);
  },
);

/** Padded sizes of what is inside: with the sender's key in clear beside it, and without. */
export const CLIENT_MESSAGE_BYTES = { withKey: 15_904, withoutKey: 16_000 } as const;

export interface ClientMessage {
  /** The key to secure the queue with, where its sender cannot do it; else null. */
  readonly senderKey: AuthKey | null;
  /** An `AgentEnvelope`, encoded. */
  readonly body: Uint8Array;
}

const KEY = 'K';
const privateHeader = char(KEY, '_');

const clientMessage: Codec<ClientMessage> = codec(
  (r) => ({ senderKey: privateHeader.read(r) === KEY ? authKey.read(r) : null, body: r.rest() }),
  (w, { senderKey, body }) => {
    privateHeader.write(w, senderKey === null ? '_' : KEY);
    if (senderKey !== null) authKey.write(w, senderKey);
    w.put(body);
  },
);

export interface ClientEnvelope {
  /** Of the queue's client version. */
  readonly version: number;
  /** The sender's key, in confirmations and invitations; null: agreed before. */
  readonly key: PublicKey<'x25519'> | null;
  readonly nonce: Uint8Array;
  readonly box: Uint8Array;
}

export const clientEnvelope: Codec<ClientEnvelope> = fields({ version: word16, key: maybe(dhKey), nonce: bytes(BOX_NONCE_BYTES), box: tail });

/** The body of a SEND. Throws `EncodeError` when the message is too long. */
export function sealClientMessage(message: ClientMessage, { secret, ...head }: Omit<ClientEnvelope, 'box'> & { readonly secret: BoxKey }): Uint8Array {
  const size = head.key === null ? CLIENT_MESSAGE_BYTES.withoutKey : CLIENT_MESSAGE_BYTES.withKey;
  return encode(clientEnvelope, { ...head, box: sealBox(secret, head.nonce, pad(encode(clientMessage, message), size)) });
}

/** Null: not for this secret, or no message. */
export function openClientMessage({ nonce, box }: ClientEnvelope, secret: BoxKey): ClientMessage | null {
  const padded = openBox(secret, nonce, box);
  const content = padded && unpad(padded);
  return content && tryDecode(clientMessage, content);
}
