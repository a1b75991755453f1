/** The standard procedure over a real relay: queues that their senders cannot secure, on either side (agent §6.3). */
import { utf8 } from '@polyplex/base';
import { formatLink, parseLink } from '@polyplex/protocol-agent';
import { describe, expect, test } from 'vitest';
import { introduced, TestAgent } from './support/test-agent.ts';
import { withRelays } from './support/with-relays.ts';

const { agent: newAgent } = withRelays();
const agent = (areQueuesSecurable: boolean): TestAgent => newAgent({ areQueuesSecurable });

async function talk(a: TestAgent, atA: string, b: TestAgent, atB: string): Promise<void> {
  for (const round of ['one', 'two']) {
    await a.say(atA, `to b ${round}`);
    expect(await b.read(new Uint8Array())).toEqual({ text: `to b ${round}`, verdict: 'ok' });
    const receipt = await a.next('receipt');
    await a.agent.acknowledge(atA, receipt.messageId);
    await b.say(atB, `to a ${round}`);
    expect(await a.read()).toEqual({ text: `to a ${round}`, verdict: 'ok' });
  }
  expect([...a.events, ...b.events].filter(({ type }) => type !== 'sent')).toEqual([]);
}

describe.each([[false, true], [true, false], [false, false]])('the initiator\'s queue is secured by its sender: %s, the joiner\'s: %s', (ofA, ofB) => {
  test('both connect, and talk', async () => {
    const [a, b] = [agent(ofA), agent(ofB)];
    const { atA, atB } = await introduced(a, b);
    await talk(a, atA, b, atB);
  });

  test('by a contact address', async () => {
    // Who asks is the initiator.
    const [asking, owner] = [agent(ofA), agent(ofB)];
    const { request } = await owner.agent.createAddress();
    const atAsking = await asking.agent.join(parseLink(formatLink(request))!, { info: utf8('me') });
    const atOwner = await owner.agent.accept((await owner.next('request')).offerId, { info: utf8('welcome') });
    await asking.agent.allow((await asking.next('confirmation')).offerId, utf8('thank you'));
    await Promise.all([asking.next('connected'), owner.next('info'), owner.next('connected')]);
    await talk(asking, atAsking, owner, atOwner);
  });
});

test('the one who joins cannot write before its key is at the queue', async () => {
  const [a, b] = [agent(false), agent(true)];
  const { request } = await a.agent.createInvitation();
  expect(request.queues[0]!.mode).toBeNull();
  const atB = await b.agent.join(request, { info: utf8('b') });
  await expect(b.say(atB, 'already')).rejects.toMatchObject({ code: 'PROHIBITED' });
  const { offerId } = await a.next('confirmation');
  await expect(b.say(atB, 'already')).rejects.toMatchObject({ code: 'PROHIBITED' });
  await a.agent.allow(offerId, utf8('a'));
  await Promise.all([a.next('connected'), b.next('connected')]);
  await b.say(atB, 'now');
  expect(await a.read()).toEqual({ text: 'now', verdict: 'ok' });
});
