/** The queue log of the reference's relay (SMP §9.4): what a real one wrote, and every line that is wrong. */
import { toBase64Url } from '@polyplex/base';
import { encodePublicKey } from '@polyplex/crypto';
import { describe, expect, test } from 'vitest';
import type { QueueLineFault } from '../src/index.ts';
import type { LoggedQueue } from '../src/smp-log/queue-blocks.ts';
import { linkDataOf } from '../src/smp-log/log-record.ts';
import { unique } from './log-lines.ts';
import {
  anyKey, anyLink, anyNotifier, anyQueue, anyService, associate, create, DAY_TIME, event, keys, link, linesText, newService, queuesOf, readLines, readLog, recordOf, secure, setNotifier, text,
} from './smp-lines.ts';
import { expectedOf, type ExpectedQueue, FOLDERS, hex, liveQueues, vector } from './smp-vectors.ts';

const MODES = { messaging: 'M', contact: 'C' } as const;

/** As `expected.json` tells a queue. */
function told({ record }: LoggedQueue) {
  const spki = (key: Parameters<typeof encodePublicKey>[0]): string => hex(encodePublicKey(key));
  return {
    recipientId: hex(record.recipientId), recipientKeys: record.recipientKeys.map(spki), dhSecret: hex(record.dhSecret), senderId: hex(record.senderId),
    senderKey: record.senderKey && spki(record.senderKey), mode: record.mode, linkId: record.linkId && hex(record.linkId), status: record.status.state,
    notifier: record.notifier && { id: hex(record.notifier.notifierId), key: spki(record.notifier.notifierKey), dhSecret: hex(record.notifier.dhSecret) },
    serviceId: record.serviceId && hex(record.serviceId),
  };
}

function wanted(queue: ExpectedQueue) {
  const { notifier } = queue;
  return {
    recipientId: queue.recipientId, recipientKeys: queue.recipientKeys.map((key) => key.publicSpkiDer), dhSecret: queue.dhSecret, senderId: queue.senderId,
    senderKey: queue.senderKey?.publicSpkiDer ?? null, mode: queue.mode && MODES[queue.mode], linkId: queue.linkId ?? null, status: queue.status,
    notifier: notifier === undefined ? null : { id: notifier.notifierId, key: notifier.key.publicSpkiDer, dhSecret: notifier.dhSecret },
    serviceId: queue.serviceId ?? null,
  };
}

const byId = <T extends { readonly recipientId: string }>(queues: readonly T[]): T[] => [...queues].sort((a, b) => (a.recipientId < b.recipientId ? -1 : 1));

describe.each(FOLDERS)('the log of %s', (folder) => {
  const name = 'smp-server-store.log';

  test('comes to the queues and services that the reference has, in chunks of any size', async () => {
    const { service } = expectedOf(folder);
    for (const chunkBytes of [1, 37, 65_536]) {
      const { log, bad } = await readLog(vector(folder, `log/${name}`), chunkBytes);
      expect(bad).toEqual([]);
      expect(byId(queuesOf(log.queues).map(told))).toEqual(byId(liveQueues(folder).map(wanted)));
      expect(log.lines).toBe(91);
      expect(log.queues.allServices().map(({ serviceId, role, fingerprint, chain }) => ({ serviceId: hex(serviceId), role, certHash: hex(fingerprint), chainDer: chain.map(hex) }))).toMatchObject([
        { serviceId: service.serviceId, role: service.role, certHash: service.certHash, chainDer: service.chainDer },
      ]);
    }
  });

  test('is what the reference compacted it to', async () => {
    const [before, after] = await Promise.all(['log', 'log-after-restart'].map(async (state) => readLog(vector(folder, `${state}/${name}`))));
    const facts = ({ log, bytes }: typeof before & object) => queuesOf(log.queues).map((queue) => {
      const { link: place, line: _, ...rest } = queue;
      const line = place === null ? null : Buffer.from(bytes.subarray(place.at, place.at + place.bytes)).toString('latin1');
      return { ...rest, link: line === null ? null : linkDataOf(line) };
    }).sort((a, b) => (toBase64Url(a.record.recipientId) < toBase64Url(b.record.recipientId) ? -1 : 1));
    expect(after!.bad).toEqual([]);
    expect(facts(after!)).toEqual(facts(before!));
    expect(facts(after!).filter((queue) => queue.link !== null)).toHaveLength(4);
    expect(after!.log.queues.allServices()).toEqual(before!.log.queues.allServices());
  });
});

describe('records', () => {
  test('have what was created, all of it and the least', async () => {
    const service = anyService();
    const all = anyQueue({
      recipientKeys: [anyKey(), anyKey('x25519')], senderKey: anyKey('x25519'), linkId: unique(24), link: anyLink(16 * 1024), notifier: anyNotifier({ serviceId: service.serviceId }),
      status: { state: 'blocked', info: { reason: 'spam', notice: { ttl: 60 } } }, serviceId: service.serviceId,
    });
    const least = anyQueue({ mode: null, recipientId: unique(4), senderId: unique(255) });
    const lines = [newService(service), create(all), create(least, null)];
    const { log, bad, bytes } = await readLines(lines, 50);
    expect(bad).toEqual([]);
    const [first, second] = queuesOf(log.queues);
    expect(first).toEqual({ line: 2, record: recordOf(all), days: DAY_TIME / 86_400, link: { at: lines[0]!.length + 1, bytes: lines[1]!.length } });
    expect(second).toEqual({ line: 3, record: recordOf(least), days: null, link: null });
    expect(linkDataOf(Buffer.from(bytes.subarray(first!.link!.at, first!.link!.at + first!.link!.bytes)).toString('latin1'))).toEqual(all.link);
    expect(log.queues.allServices()).toEqual([service]);
    expect([log.queues.queueCount, log.queues.notifierCount, log.queues.linkCount]).toEqual([2, 1, 1]);
  });

  test('of older versions say otherwise which mode they have, or nothing, and have ids without padding', async () => {
    const [messaging, contact, unknown] = [anyQueue(), anyQueue({ mode: 'C' }), anyQueue({ mode: null })];
    const { log, bad } = await readLines([
      create(messaging).replace('queue_mode=M', 'sndSecure=T').replaceAll(/=+(?=[ ,]|$)/g, (padding, at: number, whole: string) => (whole.slice(at - 2, at) === 'sk' ? padding : '')),
      create(contact).replace('queue_mode=C', 'sndSecure=F'), create(unknown),
    ]);
    expect(bad).toEqual([]);
    expect(queuesOf(log.queues).map(({ record }) => record)).toEqual([messaging, contact, unknown].map(recordOf));
  });

  test('with Windows line ends are the same', async () => {
    const service = anyService('M');
    const queue = anyQueue({ linkId: unique(24), link: anyLink(), serviceId: service.serviceId });
    const { log, bad, bytes } = await readLines([newService(service), create(queue), event('TIME', queue, DAY_TIME + 86_400), event('SUSPEND', queue), link(queue, queue.linkId!, { ...queue.link!, userData: unique(5) })].map((line) => `${line}\r`));
    expect(bad).toEqual([]);
    const [found] = queuesOf(log.queues);
    expect(found).toMatchObject({ days: DAY_TIME / 86_400 + 1, record: { ...recordOf(queue), status: { state: 'off' } } });
    expect(linkDataOf(Buffer.from(bytes.subarray(found!.link!.at, found!.link!.at + found!.link!.bytes)).toString('latin1'))!.userData).toHaveLength(5);
  });
});

describe('events', () => {
  test('change what they name, in their order', async () => {
    const [service, other] = [anyService('M'), anyService('N')];
    const [queue, senderKey, notifier, replaced] = [anyQueue(), anyKey('x25519'), anyNotifier({ serviceId: other.serviceId }), anyNotifier()];
    const [linkId, first, second] = [unique(24), anyLink(), anyLink()];
    const steps: readonly (readonly [line: string, change: Partial<LoggedQueue['record']>])[] = [
      [secure(queue, senderKey), { senderKey }], [secure(queue, senderKey), {}], [keys(queue, [anyKey(), queue.recipientKeys[0]!]), {}], [keys(queue, queue.recipientKeys), { recipientKeys: queue.recipientKeys }],
      [link(queue, linkId, first), { linkId }], [link(queue, linkId, second), {}], [event('LDELETE', queue), { linkId: null }], [event('LDELETE', queue), {}],
      [setNotifier(queue, replaced), { notifier: replaced }], [setNotifier(queue, notifier), { notifier }], [associate(queue, 'N', null), { notifier: { ...notifier, serviceId: null } }],
      [associate(queue, 'N', other), { notifier }], [event('NDELETE', queue), { notifier: null }], [associate(queue, 'R', service), { serviceId: service.serviceId }], [associate(queue, 'R', null), { serviceId: null }],
      [event('BLOCK', queue, 'reason=content,notice={"ttl":3}'), { status: { state: 'blocked', info: { reason: 'content', notice: { ttl: 3 } } } }], [event('UNBLOCK', queue), { status: { state: 'active' } }],
      [event('SUSPEND', queue), { status: { state: 'off' } }], [event('BLOCK', queue, 'reason=spam'), { status: { state: 'blocked', info: { reason: 'spam', notice: null } } }],
    ];
    let record: LoggedQueue['record'] = recordOf(queue);
    for (let count = 1; count <= steps.length; count++) {
      record = { ...record, ...steps[count - 1]![1] };
      if (steps[count - 1]![0].startsWith('KEYS') && count === 3) continue;
      const { log, bad } = await readLines([newService(service), newService(other), create(queue), ...steps.slice(0, count).map(([line]) => line)]);
      expect(bad).toEqual([]);
      expect(queuesOf(log.queues)[0]).toMatchObject({ line: 3, record });
    }
  });

  test('of a deleted queue do nothing; its ids may come again', async () => {
    const queue = anyQueue({ notifier: anyNotifier(), linkId: unique(24), link: anyLink() });
    const again = { ...queue, recipientKeys: [anyKey()] };
    const { log, bad } = await readLines([create(queue), event('DELETE', queue), event('TIME', queue, DAY_TIME), event('SUSPEND', queue), event('DELETE', queue), secure(queue, anyKey()), create(again)]);
    expect(bad).toEqual([3, 4, 5, 6].map((line) => ({ line, fault: 'NO_QUEUE', loses: false })));
    expect(queuesOf(log.queues)).toMatchObject([{ line: 7, record: recordOf(again) }]);
  });

  test('that cannot be are told, and change nothing', async () => {
    const service = anyService();
    const queue = anyQueue({ senderKey: anyKey(), linkId: unique(24), link: anyLink(), notifier: anyNotifier() });
    const other = anyQueue();
    const lines = [
      newService(service), create(queue), create(other), // 1 to 3
      create({ ...anyQueue(), recipientId: queue.recipientId }), create({ ...anyQueue(), senderId: queue.senderId }), create({ ...anyQueue(), linkId: queue.linkId, link: anyLink() }),
      create({ ...anyQueue(), notifier: queue.notifier }), secure(queue, anyKey()), link(queue, unique(24), anyLink()), link(other, queue.linkId!, anyLink()), // to 10
      setNotifier(other, anyNotifier({ notifierId: queue.notifier!.notifierId })), newService(service), newService({ ...anyService(), fingerprint: service.fingerprint }),
      associate(other, 'N', service), associate(other, 'R', anyService()), event('SUSPEND', anyQueue()),
    ];
    const { log, bad } = await readLines(lines);
    expect(bad.map(({ line, fault, loses }) => [line, fault, loses])).toEqual([
      [4, 'REPEATED', true], [5, 'TAKEN', true], [6, 'TAKEN', true], [7, 'TAKEN', true], [8, 'SECURED', true], [9, 'OTHER_LINK', true], [10, 'TAKEN', true], [11, 'TAKEN', true],
      [12, 'REPEATED', true], [13, 'REPEATED', true], [14, 'NO_NOTIFIER', false], [15, 'NO_SERVICE', false], [16, 'NO_QUEUE', false],
    ]);
    expect(queuesOf(log.queues).map(({ record }) => record)).toEqual([queue, other].map(recordOf));
    expect(log.queues.allServices()).toEqual([service]);
  });

  test('naming a service that is not there leave the queue without', async () => {
    const [made, noted] = [anyQueue({ serviceId: unique(24) }), anyQueue({ notifier: anyNotifier({ serviceId: unique(24) }) })];
    const { log, bad } = await readLines([create(made), create(noted)]);
    expect(bad).toEqual([1, 2].map((line) => ({ line, fault: 'NO_SERVICE', loses: false })));
    expect(queuesOf(log.queues).map(({ record }) => record)).toEqual([{ ...recordOf(made), serviceId: null }, { ...recordOf(noted), notifier: { ...noted.notifier, serviceId: null } }]);
  });

  test('of a last line that does not end are not believed', async () => {
    const queue = anyQueue();
    const bytes = linesText([create(queue), event('TIME', queue, DAY_TIME)]);
    const { log, bad } = await readLog(bytes.slice(0, -4));
    expect(bad).toEqual([{ line: 2, fault: 'CUT', loses: true }]);
    expect(queuesOf(log.queues)).toMatchObject([{ days: DAY_TIME / 86_400 }]);
  });
});

describe('a line that is wrong', () => {
  const queue = anyQueue({ notifier: anyNotifier(), linkId: unique(24), link: anyLink(), senderKey: anyKey() });
  const [id, base] = [text(queue.recipientId), create(queue)];
  const spki = text(encodePublicKey(queue.recipientKeys[0]!));
  const x448 = text(encodePublicKey({ kind: 'x448', raw: unique(56) }));
  const without = (field: string): string => base.split(' ').filter((each) => !each.startsWith(`${field}=`)).join(' ');
  const wit = (field: string, value: string): string => base.split(' ').map((each) => (each.startsWith(`${field}=`) ? `${field}=${value}` : each)).join(' ');
  const service = newService(anyService());
  const wrong: readonly (readonly [line: string, fault: QueueLineFault])[] = [
    ['', 'WORD'], ['CREATED x', 'WORD'], ['create', 'WORD'], ['constructor', 'WORD'], ['__proto__ x', 'WORD'], [' DELETE x', 'WORD'], ['\r', 'WORD'],
    ['CREATE', 'FIELDS'], [without('rid'), 'FIELDS'], [without('rk'), 'FIELDS'], [without('sk'), 'FIELDS'], [base.replace(' ', '  '), 'FIELDS'], [`${base} `, 'FIELDS'], [`${base} more=x`, 'FIELDS'],
    [wit('rid', ''), 'ID'], [wit('rid', 'a+b/'), 'ID'], [wit('rid', text(new Uint8Array(256))), 'ID'], [wit('sid', '='), 'ID'], [wit('rk', ''), 'KEYS'], [wit('rk', `${spki},`), 'KEY'],
    [wit('rk', x448), 'KEY'], [wit('rk', Array.from({ length: 256 }, () => spki).join(',')), 'KEYS'], [wit('rdh', text(unique(31))), 'SECRET'], [wit('rdh', text(unique(33))), 'SECRET'], [wit('rdh', ''), 'SECRET'],
    [wit('sk', 'AAAA'), 'KEY'], [wit('queue_mode', 'X'), 'MODE'], [wit('queue_mode', ''), 'MODE'], [base.replace('queue_mode=M', 'sndSecure=M'), 'MODE'], [wit('link_id', ''), 'ID'],
    [without('queue_data'), 'FIELDS'], [wit('queue_data', ''), 'LINK'], [wit('queue_data', text(new Uint8Array(16_385))), 'LINK'], [wit('notifier', ''), 'ID'], [wit('updated_at', '-1'), 'TIME'],
    [wit('updated_at', 'now'), 'TIME'], [wit('updated_at', '99999999999'), 'TIME'], [`${base} status=idle`, 'STATUS'], [`${base} status=blocked`, 'STATUS'], [`${base} status=off rsrv=`, 'ID'],
    [`${base} status=blocked,reason=spam,notice={"ttl": x}`, 'STATUS'], [`${base} rsrv=${id} status=off`, 'FIELDS'], [base.replace(/ queue_mode=M(.*)$/, '$1 queue_mode=M'), 'FIELDS'],
    [`LINK ${id} ${id} AAAA`, 'FIELDS'], [`LINK ${id} ${id} AAAA `, 'LINK'], [`LINK ${id} * AAAA AAAA`, 'ID'], ['LDELETE', 'FIELDS'], [`LDELETE ${id} x`, 'FIELDS'], ['NDELETE *', 'ID'], ['DELETE ', 'ID'],
    [`SECURE ${id}`, 'FIELDS'], [`SECURE ${id} `, 'KEY'], [`SECURE ${id} ${x448}`, 'KEY'], [`KEYS ${id} `, 'KEYS'], [`KEYS ${id} ${spki} ${spki}`, 'FIELDS'], [`NOTIFIER ${id} ${id} ${spki}`, 'FIELDS'],
    [`NOTIFIER ${id} ${id} ${spki} ${text(unique(32))} nsrv=`, 'ID'], [`NOTIFIER ${id} ${id} ${spki} ${text(unique(32))} x`, 'FIELDS'], [`NOTIFIER ${id} ${id} ${spki} AAAA`, 'SECRET'], [`BLOCK ${id}`, 'BLOCKING'],
    [`BLOCK ${id} reason=other`, 'BLOCKING'], [`BLOCK ${id} spam`, 'BLOCKING'], [`TIME ${id}`, 'FIELDS'], [`TIME ${id} soon`, 'TIME'], [`TIME ${id} 1.5`, 'TIME'],
    [`QUEUE_SERVICE ${id} R`, 'FIELDS'], [`QUEUE_SERVICE ${id} X ${id}`, 'FIELDS'], [`QUEUE_SERVICE ${id} R *`, 'ID'], ['NEW_SERVICE', 'FIELDS'], [service.replace('role=N', 'role=X'), 'SERVICE'],
    [service.replace(/cert=\S+/, 'cert='), 'SERVICE'], [service.replace(/cert_hash=\S+/, 'cert_hash='), 'SERVICE'], [service.replace(/created_at=\S+/, 'created_at=x'), 'TIME'], [service.replace('service_id', 'id'), 'FIELDS'],
  ];

  test.each(wrong)('%j is told as %s, and changes nothing', async (line, fault) => {
    const kept = anyQueue();
    const { log, bad } = await readLines([create(kept), line, event('SUSPEND', kept)]);
    expect(bad).toEqual([{ line: 2, fault, loses: true }]);
    expect(queuesOf(log.queues)).toMatchObject([{ record: { ...recordOf(kept), status: { state: 'off' } } }]);
    expect(log.lines).toBe(3);
  });

  test('in the reference, a service behind a notice, is not wrong here', async () => {
    const [made, known] = [anyService('M'), anyQueue({ status: { state: 'blocked', info: { reason: 'spam', notice: { ttl: 7 } } } })];
    const { log, bad } = await readLines([newService(made), create({ ...known, serviceId: made.serviceId }).replace('{"ttl":7}', '{ "ttl": 7 }')]);
    expect(bad).toEqual([]);
    expect(queuesOf(log.queues)).toMatchObject([{ record: { ...recordOf(known), serviceId: made.serviceId } }]);
  });
});
