/** Every command, response and error of XFTP with arbitrary content. */
import * as fc from 'fast-check';
import type { XftpCommand, XftpError, XftpReply } from '@polyplex/protocol-xftp';
import { authKeys, byteStrings, dhKeys, entityIds, passwords } from './wire-arbitraries.ts';

const maybe = <T>(inner: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(inner, { nil: null });
const tag = <T extends string>(value: T): fc.Arbitrary<T> => fc.constant(value);
const recipientKeys = fc.array(authKeys, { minLength: 1, maxLength: 5 });

export const xftpCommandArbitrary: fc.Arbitrary<XftpCommand> = fc.oneof(
  fc.constantFrom('FPUT', 'FDEL', 'FACK', 'PING').map((name) => ({ tag: name })),
  fc.record({ tag: tag('FNEW'), senderKey: authKeys, size: fc.nat(0xffff_ffff), digest: byteStrings(255), recipientKeys, password: maybe(passwords) }),
  fc.record({ tag: tag('FADD'), recipientKeys }),
  fc.record({ tag: tag('FGET'), dhKey: dhKeys }),
);

export const xftpErrorArbitrary: fc.Arbitrary<XftpError> = fc.oneof(
  fc.record({
    type: fc.constantFrom(
      'BLOCK', 'SESSION', 'HANDSHAKE', 'AUTH', 'SIZE', 'QUOTA', 'DIGEST', 'CRYPTO', 'NO_FILE', 'HAS_FILE', 'FILE_IO', 'TIMEOUT', 'INTERNAL', 'DUPLICATE_',
    ),
  }),
  fc.record({ type: tag('CMD'), error: fc.constantFrom('UNKNOWN', 'SYNTAX', 'PROHIBITED', 'NO_AUTH', 'HAS_AUTH', 'NO_ENTITY') }),
  fc.record({
    type: tag('BLOCKED'),
    info: fc.record({ reason: fc.constantFrom('spam', 'content'), notice: maybe(fc.record({ ttl: maybe(fc.integer({ min: 0 })) })) }),
  }),
);

const recipientIds = fc.array(entityIds, { minLength: 1, maxLength: 5 });

export const xftpReplyArbitrary: fc.Arbitrary<XftpReply> = fc.oneof(
  fc.constantFrom('OK', 'PONG').map((name) => ({ tag: name })),
  fc.record({ tag: tag('SIDS'), senderId: entityIds, recipientIds }),
  fc.record({ tag: tag('RIDS'), recipientIds }),
  fc.record({ tag: tag('FILE'), dhKey: dhKeys, nonce: byteStrings(24, 24) }),
  fc.record({ tag: tag('ERR'), error: xftpErrorArbitrary }),
);
