/** Six conversations of the reference implementation, replayed message by message, state by state. */
import { type FreshKeys, initiateRatchet, joinRatchet, openMessage, prepareMessage, publishedParameters, type Ratchet, sealMessage, type SkippedKey } from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import { decode, encode } from '@polyplex/codec';
import { e2eParameters } from '@polyplex/protocol-agent';
import { describe, expect, test } from 'vitest';
import { bytesOf } from './golden-bytes.ts';
import { conversations, type GoldenConversation, type GoldenState, type GoldenStep, keyPair, ratchetOf, skippedOf, storedKem } from './golden-ratchet.ts';

function unexpected(): never {
  throw new Error('no fresh key is expected here');
}

/** The new keys that the reference drew, taken from the state it came to. */
function keysOf(after: Ratchet): FreshKeys {
  const { accepted, own } = after.pq.kem ?? {};
  return {
    ratchetKeys: () => after.own,
    kemKeys: () => own ?? unexpected(),
    encapsulate: () => accepted ?? unexpected(),
  };
}

function begun({ initiator, joiner, currentVersion: current, maxSupportedVersion: max }: GoldenConversation) {
  const [initiatorParameters, joinerParameters] = [initiator, joiner].map(({ paramsSmp }) => decode(e2eParameters, bytesOf(paramsSmp)));
  const versions = { current, max };
  const joinerKem = joiner.kem === null ? null : storedKem(joiner.kem, initiatorParameters!.kem?.publicKey ?? new Uint8Array());
  const own = { key1: keyPair(joiner.privateKey1), key2: keyPair(joiner.privateKey2), kem: joinerKem };
  const fresh = { ratchetKeys: () => keyPair(joiner.firstRatchetKey), kemKeys: unexpected, encapsulate: unexpected };
  // What each side wished is told by its state alone: an initiator may wish it and offer nothing.
  const wish = ({ rcSupportKEM: supported, rcEnableKEM: enabled }: GoldenState) => ({ supported, enabled });
  const initiatorOwn = { key1: keyPair(initiator.privateKey1), key2: keyPair(initiator.privateKey2), kem: initiator.kem === null ? null : storedKem(initiator.kem, new Uint8Array()).own };
  return {
    published: { initiator: publishedParameters(current, initiatorOwn), joiner: publishedParameters(current, own) },
    joiner: joinRatchet(versions, own, { initiator: initiatorParameters!, wish: wish(joiner.initialState), fresh }),
    initiator: initiateRatchet(versions, initiatorOwn, { joiner: joinerParameters!, wish: wish(initiator.initialState) }),
  };
}

interface Side {
  ratchet: Ratchet;
  skipped: SkippedKey[];
}

const ERRORS: Readonly<Record<string, string>> = { CERatchetHeader: 'HEADER', CERatchetDuplicateMessage: 'DUPLICATE' };

function send(side: Side, step: Extract<GoldenStep, { step: 'send' }>): Uint8Array {
  const { ratchet, message } = prepareMessage(side.ratchet, step.pqEncryptionArg ?? undefined);
  const sealed = sealMessage(message, utf8(step.plaintext), step.paddedLength);
  expect(message.header).toEqual(bytesOf(step.encHeader));
  expect(sealed).toEqual(bytesOf(step.ciphertext));
  const after = ratchetOf(step.senderStateAfter);
  // The reference forgets the answered key where post-quantum is turned off; we keep it until the next step (`encrypt.ts`).
  expect(ratchet).toEqual(step.pqEncryptionArg === false ? { ...after, pq: { ...after.pq, kem: side.ratchet.pq.kem } } : after);
  side.ratchet = ratchet;
  return sealed;
}

function receive(side: Side, step: Extract<GoldenStep, { step: 'receive' }>, message: Uint8Array): void {
  if (step.error !== undefined) {
    expect(() => openMessage(side.ratchet, side.skipped, message)).toThrow(expect.objectContaining({ code: ERRORS[step.error] }));
    return;
  }
  const after = ratchetOf(step.receiverStateAfter!);
  const { text, ratchet, skipped, used } = openMessage(side.ratchet, side.skipped, message, keysOf(after));
  expect(text).toEqual(utf8(step.plaintext!));
  expect(ratchet).toEqual(after);
  side.ratchet = ratchet;
  side.skipped = [...side.skipped.filter((key) => key !== used), ...skipped];
  expect(new Set(side.skipped)).toEqual(new Set(skippedOf(step.skippedKeysAfter)));
}

describe.each(conversations.map((conversation) => [conversation.name, conversation] as const))('%s', (_, conversation) => {
  test('begins as in the reference', () => {
    const { joiner, initiator, published } = begun(conversation);
    expect(joiner).toEqual(ratchetOf(conversation.joiner.initialState));
    expect(initiator).toEqual(ratchetOf(conversation.initiator.initialState));
    for (const name of ['initiator', 'joiner'] as const) expect(encode(e2eParameters, published[name])).toEqual(bytesOf(conversation[name].paramsSmp));
  });

  test('goes on as in the reference', () => {
    const { joiner, initiator } = begun(conversation);
    const sides = { joiner: { ratchet: joiner, skipped: [] }, initiator: { ratchet: initiator, skipped: [] } } as Record<'joiner' | 'initiator', Side>;
    const messages = new Map<number, Uint8Array>();
    for (const step of conversation.steps) {
      if (step.step === 'send') messages.set(step.id, send(sides[step.from], step));
      else receive(sides[step.by], step, messages.get(step.id)!);
    }
    expect(messages.size).toBeGreaterThan(10);
  });
});
