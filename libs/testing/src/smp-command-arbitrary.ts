/** Every command of SMP with arbitrary parameters, as version 18 writes them; older versions leave some out. */
import * as fc from 'fast-check';
import type { QueueRequest, SmpCommand, SmpCommandTag } from '@polyplex/protocol-smp';
import { authKeys, byteStrings, dhKeys, entityIds, passwords, serverAddresses } from './wire-arbitraries.ts';

const linkData = { fixedData: byteStrings(300), userData: byteStrings(300) };
const maybe = <T>(inner: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(inner, { nil: null });

export const queueRequests: fc.Arbitrary<QueueRequest> = fc.oneof(
  fc.record({ type: fc.constant('M' as const), data: maybe(fc.record({ senderId: entityIds, ...linkData })) }),
  fc.record({ type: fc.constant('C' as const), data: maybe(fc.record({ linkId: entityIds, senderId: entityIds, ...linkData })) }),
);

const WITHOUT_PARAMETERS: readonly SmpCommandTag[] = [
  'SUB', 'SUBS', 'LDEL', 'NDEL', 'GET', 'OFF', 'DEL', 'QUE', 'LGET', 'NSUB', 'NSUBS', 'PING',
];
const tag = <T extends string>(value: T): fc.Arbitrary<T> => fc.constant(value);

export const smpCommandArbitrary: fc.Arbitrary<SmpCommand> = fc.oneof(
  fc.constantFrom(...WITHOUT_PARAMETERS).map((name) => ({ tag: name }) as SmpCommand),
  fc.record({
    tag: tag('NEW'), rcvAuthKey: authKeys, rcvDhKey: dhKeys, password: maybe(passwords), subMode: fc.constantFrom('S', 'C'), request: maybe(queueRequests),
    notifier: maybe(fc.record({ notifierKey: authKeys, dhKey: dhKeys })),
  }),
  fc.record({ tag: fc.constantFrom('KEY', 'SKEY', 'LKEY'), senderKey: authKeys }),
  fc.record({ tag: tag('RKEY'), recipientKeys: fc.array(authKeys, { minLength: 1, maxLength: 5 }) }),
  fc.record({ tag: tag('LSET'), linkId: entityIds, data: fc.record(linkData) }),
  fc.record({ tag: tag('NKEY'), notifierKey: authKeys, dhKey: dhKeys }),
  fc.record({ tag: tag('ACK'), msgId: entityIds }),
  fc.record({ tag: tag('SEND'), notify: fc.boolean(), body: byteStrings(600) }),
  fc.record({ tag: tag('PRXY'), server: serverAddresses, password: maybe(passwords) }),
  fc.record({ tag: tag('PFWD'), version: fc.nat(0xffff), key: dhKeys, encTransmission: byteStrings(400) }),
  fc.record({ tag: tag('RFWD'), encFwdTransmission: byteStrings(400) }),
);
