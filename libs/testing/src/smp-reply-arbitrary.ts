/** Every response, event and error of SMP with arbitrary content, as version 18 writes them. */
import * as fc from 'fast-check';
import { TRANSPORT_ERRORS } from '@polyplex/protocol-common';
import type { BrokerError, ProxyError, SmpError, SmpReply } from '@polyplex/protocol-smp';
import { byteStrings, certChainPubKeys, dhKeys, entityIds, versionRanges } from './wire-arbitraries.ts';

const maybe = <T>(inner: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(inner, { nil: null });
const tag = <T extends string>(value: T): fc.Arbitrary<T> => fc.constant(value);
/** As a short string holds it: at most 255 bytes in UTF-8. */
const shortTexts = fc.string({ maxLength: 60, unit: 'grapheme-ascii' });

const brokerErrors: fc.Arbitrary<BrokerError> = fc.oneof(
  fc.record({ type: fc.constantFrom('RESPONSE', 'UNEXPECTED'), text: shortTexts }),
  fc.record({ type: fc.constantFrom('NETWORK', 'TIMEOUT', 'HOST', 'NO_SERVICE') }),
  fc.record({ type: tag('TRANSPORT'), error: fc.constantFrom(...TRANSPORT_ERRORS) }),
);

const plainErrors: fc.Arbitrary<SmpError> = fc.oneof(
  fc.record({
    type: fc.constantFrom('BLOCK', 'SESSION', 'AUTH', 'SERVICE', 'CRYPTO', 'QUOTA', 'EXPIRED', 'NO_MSG', 'LARGE_MSG', 'INTERNAL'),
  }),
  fc.record({ type: tag('CMD'), error: fc.constantFrom('UNKNOWN', 'SYNTAX', 'PROHIBITED', 'NO_AUTH', 'HAS_AUTH', 'NO_ENTITY') }),
  fc.record({
    type: tag('BLOCKED'),
    info: fc.record({ reason: fc.constantFrom('spam', 'content'), notice: maybe(fc.record({ ttl: maybe(fc.integer({ min: 0 })) })) }),
  }),
  fc.record({ type: tag('STORE'), text: shortTexts }),
);

const proxyErrors: fc.Arbitrary<ProxyError> = fc.oneof(
  fc.record({ type: tag('PROTOCOL'), error: plainErrors }),
  fc.record({ type: tag('BROKER'), error: brokerErrors }),
  fc.record({ type: fc.constantFrom('BASIC_AUTH', 'NO_SESSION') }),
);

export const smpErrorArbitrary: fc.Arbitrary<SmpError> = fc.oneof(plainErrors, fc.record({ type: tag('PROXY'), error: proxyErrors }));

const counts = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

export const smpReplyArbitrary: fc.Arbitrary<SmpReply> = fc.oneof(
  fc.constantFrom('OK', 'PONG', 'END', 'DELD').map((name) => ({ tag: name })),
  fc.record({
    tag: tag('IDS'), recipientId: entityIds, senderId: entityIds, dhKey: dhKeys, mode: maybe(fc.constantFrom('M', 'C')), linkId: maybe(entityIds),
    serviceId: maybe(entityIds), notifier: maybe(fc.record({ notifierId: entityIds, dhKey: dhKeys })),
  }),
  fc.record({ tag: tag('SOK'), serviceId: maybe(entityIds) }),
  fc.record({ tag: fc.constantFrom('SOKS', 'ENDS'), count: counts }),
  fc.record({ tag: tag('MSG'), msgId: entityIds, body: byteStrings(600) }),
  fc.record({ tag: tag('NID'), notifierId: entityIds, dhKey: dhKeys }),
  fc.record({ tag: tag('LNK'), senderId: entityIds, data: fc.record({ fixedData: byteStrings(300), userData: byteStrings(300) }) }),
  fc.record({ tag: tag('INFO'), json: byteStrings(200) }),
  fc.record({ tag: tag('PKEY'), sessionId: byteStrings(32, 32), versions: versionRanges, key: certChainPubKeys }),
  fc.record({ tag: tag('PRES'), encResponse: byteStrings(400) }),
  fc.record({ tag: tag('RRES'), encFwdResponse: byteStrings(400) }),
  fc.record({ tag: tag('NMSG'), nonce: byteStrings(24, 24), encMeta: byteStrings(255) }),
  fc.record({ tag: tag('ERR'), error: smpErrorArbitrary }),
);
