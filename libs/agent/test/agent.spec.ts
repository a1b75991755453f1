/** Two agents over a real relay. */
import { utf8 } from '@polyplex/base';
import { formatLink, parseLink } from '@polyplex/protocol-agent';
import { describe, expect, test } from 'vitest';
import { introduced } from './support/test-agent.ts';
import { withRelays } from './support/with-relays.ts';

const { relays, agent } = withRelays();

describe.each([[true], [false]])('an invitation, post-quantum: %s', (postQuantum) => {
  test('connects, and messages go both ways, in order, with receipts', async () => {
    const [a, b] = [agent(), agent()];
    const { connectionId: atA, request } = await a.agent.createInvitation({ postQuantum });
    const atB = await b.agent.join(parseLink(formatLink(request))!, { info: utf8('this is b'), postQuantum });
    const confirmation = await a.next('confirmation');
    expect([confirmation.connectionId, confirmation.info]).toEqual([atA, utf8('this is b')]);
    await a.agent.allow(confirmation.offerId, utf8('this is a'));
    expect((await b.next('info')).info).toEqual(utf8('this is a'));
    await Promise.all([a.next('connected'), b.next('connected')]);

    for (let i = 0; i < 5; i++) {
      const sent = await a.say(atA, `to b ${String(i)}`);
      expect(await b.read(new Uint8Array())).toEqual({ text: `to b ${String(i)}`, verdict: 'ok' });
      expect(await a.next('sent')).toMatchObject({ messageId: sent });
      const receipt = await a.next('receipt');
      expect(receipt).toMatchObject({ receiptOf: sent, isGenuine: true });
      await a.agent.acknowledge(atA, receipt.messageId);
      await b.say(atB, `to a ${String(i)}`);
      expect(await a.read()).toEqual({ text: `to a ${String(i)}`, verdict: 'ok' });
    }
    expect([...a.events, ...b.events].filter(({ type }) => type !== 'sent')).toEqual([]);
  });
});

test('an address takes many, each gets a connection of its own', async () => {
  const owner = agent();
  const { request } = await owner.agent.createAddress();
  const visitors = [agent(), agent()];
  for (const [i, visitor] of visitors.entries()) {
    const atVisitor = await visitor.agent.join(parseLink(formatLink(request))!, { info: utf8(`visitor ${String(i)}`) });
    const asked = await owner.next('request');
    expect(asked.info).toEqual(utf8(`visitor ${String(i)}`));
    const atOwner = await owner.agent.accept(asked.offerId, { info: utf8('welcome') });
    const answer = await visitor.next('confirmation');
    expect([answer.connectionId, answer.info]).toEqual([atVisitor, utf8('welcome')]);
    await visitor.agent.allow(answer.offerId, utf8('thank you'));
    await Promise.all([visitor.next('connected'), owner.next('connected')]);
    await owner.say(atOwner, 'hello');
    expect(await visitor.read()).toEqual({ text: 'hello', verdict: 'ok' });
  }
});

test('the one who joins may write before it is answered', async () => {
  const [a, b] = [agent(), agent()];
  const { request } = await a.agent.createInvitation();
  const atB = await b.agent.join(request, { info: utf8('b') });
  await b.say(atB, 'already');
  const { offerId } = await a.next('confirmation');
  expect(await a.read()).toEqual({ text: 'already', verdict: 'ok' });
  await a.agent.allow(offerId, utf8('a'));
  await Promise.all([a.next('connected'), b.next('connected')]);
});

test('after a restart what was not acknowledged comes again, and what was sent meanwhile', async () => {
  const [a, b] = [agent(), agent()];
  const { atA, atB } = await introduced(a, b);
  await a.say(atA, 'one');
  const first = await b.next('message');
  b.agent.close();
  await a.say(atA, 'two');
  b.restart();
  expect(await b.next('message')).toEqual(first);
  await b.agent.acknowledge(atB, first.messageId);
  expect(await b.read()).toEqual({ text: 'two', verdict: 'ok' });
  await b.say(atB, 'back');
  expect(await a.read()).toEqual({ text: 'back', verdict: 'ok' });
});

test('what is said while the relay is away is sent when it is back', async () => {
  const [a, b] = [agent(), agent()];
  const { atA } = await introduced(a, b);
  await relays[0]!.kill();
  await a.say(atA, 'are you there?');
  await relays[0]!.restart();
  expect(await b.read()).toEqual({ text: 'are you there?', verdict: 'ok' });
});

test('a deleted connection leaves nothing, here and at the relay', async () => {
  const [a, b] = [agent(), agent()];
  const { atA, atB } = await introduced(a, b);
  await a.agent.delete(atA);
  await expect.poll(() => a.agent.connections()).toEqual([]);
  await b.say(atB, 'too late');
  expect(await b.next('not-sent')).toMatchObject({ connectionId: atB, reason: 'AUTH' });
  expect([...a.store.records.keys()].filter((key) => !key.startsWith('counter'))).toEqual([]);
});

test('what cannot be is refused', async () => {
  const a = agent();
  const { connectionId, request } = await a.agent.createInvitation();
  await expect(a.say(connectionId, 'nobody there')).rejects.toMatchObject({ code: 'PROHIBITED' });
  await expect(a.say('unknown', 'x')).rejects.toMatchObject({ code: 'UNKNOWN' });
  await expect(a.agent.allow('unknown', new Uint8Array())).rejects.toMatchObject({ code: 'UNKNOWN' });
  await expect(a.agent.join({ ...request, versions: { min: 8, max: 9 } }, { info: new Uint8Array() })).rejects.toMatchObject({ code: 'VERSION' });
  const b = agent();
  const atB = await b.agent.join(request, { info: utf8('b') });
  await expect(b.agent.send(atB, new Uint8Array(15_800))).rejects.toMatchObject({ code: 'TOO_LARGE' });
  await expect(b.agent.send(atB, new Uint8Array(13_573))).resolves.toBe(1);
});

describe('a queue that is full', () => {
  const small = withRelays(1, () => ['messages.quota=2']);

  test('is told of, and goes on when there is room again', async () => {
    const [a, b] = [small.agent(), small.agent()];
    const { atA } = await introduced(a, b);
    b.agent.close();
    for (let i = 0; i < 4; i++) await a.say(atA, String(i));
    expect(await a.next('full')).toEqual({ type: 'full', connectionId: atA });
    b.restart();
    for (let i = 0; i < 4; i++) expect(await b.read()).toEqual({ text: String(i), verdict: 'ok' });
    expect(await a.next('room')).toEqual({ type: 'room', connectionId: atA });
  });
});
