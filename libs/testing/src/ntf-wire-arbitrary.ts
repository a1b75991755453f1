/** Every command, response and error of NTF, and every kind of device token, with arbitrary content. */
import * as fc from 'fast-check';
import type { DeviceToken, NotifierKey, NtfCommand, NtfError, NtfReply, NtfSubscriptionStatus, NtfTokenStatus, PushItem } from '@polyplex/protocol-ntf';
import { KEY_BYTES } from '@polyplex/crypto';
import { utf8 } from '@polyplex/base';
import { authKeys, byteStrings, dhKeys, entityIds, hosts, serverAddresses } from './wire-arbitraries.ts';

const tag = <T extends string>(value: T): fc.Arbitrary<T> => fc.constant(value);

/** Points of P-256: public keys of the vectors of RFC 8291 and of NTF §5.1. */
const P256_POINTS = [
  'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  'BKuw4WxupnnrZHqk6vCwoms4tOpitZMvFdR9eAn54yOPY4q9jpXOpl-Ui_FwbIy8ZbFCnuaS7RnO02ahuL4XxIM',
].map((text) => Uint8Array.from(Buffer.from(text, 'base64url')));

const alphanumeric = fc.stringMatching(/^[0-9A-Za-z]{1,255}$/).map(utf8);

export const deviceTokenArbitrary: fc.Arbitrary<DeviceToken> = fc.oneof(
  fc.record({ provider: fc.constantFrom('apns_dev', 'apns_prod', 'apns_test'), token: alphanumeric }),
  fc.record({ provider: tag('apns_null'), token: byteStrings(255) }),
  fc.record({
    provider: tag('webpush'),
    host: hosts,
    port: fc.oneof(fc.constant(''), fc.integer({ min: 1, max: 65_535 }).map(String)),
    path: fc.stringMatching(/^\/[A-Za-z0-9._~!$&'()*+,;=:@/?-]{0,150}$/),
    auth: byteStrings(16, 16),
    p256dh: fc.constantFrom(...P256_POINTS),
  }),
);

const notifierKeys = fc.constantFrom('ed25519', 'ed448', 'x25519')
  .chain((kind) => byteStrings(KEY_BYTES[kind], KEY_BYTES[kind]).map((raw) => ({ kind, raw }))) as fc.Arbitrary<NotifierKey>;
const notifierIds = fc.oneof(byteStrings(24, 24), byteStrings(255, 1));

export const ntfCommandArbitrary: fc.Arbitrary<NtfCommand> = fc.oneof(
  fc.constantFrom('TCHK', 'TDEL', 'SCHK', 'SDEL', 'PING').map((name) => ({ tag: name })),
  fc.record({ tag: tag('TNEW'), device: deviceTokenArbitrary, authKey: authKeys, dhKey: dhKeys }),
  fc.record({ tag: tag('TVFY'), code: fc.oneof(byteStrings(32, 32), byteStrings(255)) }),
  fc.record({ tag: tag('TRPL'), device: deviceTokenArbitrary }),
  fc.record({ tag: tag('TCRN'), minutes: fc.nat(0xffff) }),
  fc.record({ tag: tag('SNEW'), tokenId: entityIds, relay: serverAddresses, notifierId: notifierIds, notifierKey: notifierKeys }),
);

export const ntfErrorArbitrary: fc.Arbitrary<NtfError> = fc.oneof(
  fc.record({
    type: fc.constantFrom('BLOCK', 'SESSION', 'AUTH', 'QUOTA', 'INTERNAL', 'SERVICE', 'CRYPTO', 'NO_MSG', 'LARGE_MSG', 'EXPIRED', 'DUPLICATE_'),
  }),
  fc.record({ type: tag('CMD'), error: fc.constantFrom('UNKNOWN', 'SYNTAX', 'PROHIBITED', 'NO_AUTH', 'HAS_AUTH', 'NO_ENTITY') }),
  fc.record({ type: tag('STORE'), text: fc.string({ maxLength: 60, unit: 'grapheme-ascii' }) }),
);

export const ntfTokenStatuses: fc.Arbitrary<NtfTokenStatus> = fc.constantFrom(
  'NEW', 'REGISTERED', 'CONFIRMED', 'ACTIVE', 'EXPIRED', 'INVALID', 'INVALID,BAD', 'INVALID,TOPIC', 'INVALID,EXPIRED', 'INVALID,UNREGISTERED',
);

export const ntfSubscriptionStatuses: fc.Arbitrary<NtfSubscriptionStatus> = fc.oneof(
  fc.constantFrom('NEW', 'PENDING', 'ACTIVE', 'INACTIVE', 'END', 'DELETED', 'AUTH', 'SERVICE'),
  fc.string({ maxLength: 100, unit: 'grapheme-ascii' }).map((text) => `ERR ${text}` as const),
);

export const ntfReplyArbitrary: fc.Arbitrary<NtfReply> = fc.oneof(
  fc.constantFrom('OK', 'PONG').map((name) => ({ tag: name })),
  fc.record({ tag: tag('IDTKN'), tokenId: entityIds, dhKey: dhKeys }),
  fc.record({ tag: tag('IDSUB'), subscriptionId: entityIds }),
  fc.record({ tag: tag('TKN'), status: ntfTokenStatuses }),
  fc.record({ tag: tag('SUB'), status: ntfSubscriptionStatuses }),
  fc.record({ tag: tag('ERR'), error: ntfErrorArbitrary }),
);

/** `relay`: texts of addresses, which the caller makes. */
export const pushItems = (relay: fc.Arbitrary<string>): fc.Arbitrary<PushItem> => fc.record({
  relay,
  notifierId: byteStrings(24, 24),
  nonce: byteStrings(24, 24),
  meta: byteStrings(144, 144),
  receivedAt: fc.nat(2_000_000_000).map((seconds) => seconds * 1000),
});
