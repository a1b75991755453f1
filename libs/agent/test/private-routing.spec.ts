/** Private routing over real relays (agent §7.9, SMP §7): who is connected to, and what happens where no way leads through another relay. */
import { type Agent, openSmpRelays, type PrivateRoutingOptions } from '@polyplex/agent';
import { HOUR, utf8 } from '@polyplex/base';
import { type Dial, type Requester, SmpClientError, tlsDial } from '@polyplex/client';
import { formatShortLink } from '@polyplex/protocol-agent';
import { parseAddress } from '@polyplex/protocol-common';
import type { SmpError } from '@polyplex/protocol-smp';
import { createFakeClock } from '@polyplex/testing';
import { describe, expect, test } from 'vitest';
import { PrivateRouting } from '../src/relays/private-routing.ts';
import type { TestAgent } from './support/test-agent.ts';
import { withRelays } from './support/with-relays.ts';

/** The third does not connect to addresses like those here. */
const { relays, agent } = withRelays(3, (index) => (index === 2 ? [] : ['proxy.allowPrivateAddresses=on', 'proxy.allowedPorts=']));

interface Routed {
  readonly test: TestAgent;
  readonly dialled: Set<number>;
}

/** With one relay of its own for queues, and those that it asks through. */
function routed(options: Omit<PrivateRoutingOptions, 'servers'>, own: readonly number[]): Routed {
  const dialled = new Set<number>();
  const dial: Dial = (target) => {
    dialled.add(target.port);
    return tlsDial()(target);
  };
  const addresses = own.map((index) => relays[index]!.address);
  const servers = addresses.map((address) => parseAddress(address)!);
  const openRelays = (onMessage: Parameters<typeof openSmpRelays>[1]) => openSmpRelays({ dial, privateRouting: { ...options, servers } }, onMessage);
  return { test: agent({ openRelays }, addresses), dialled };
}

const at = (index: number): string[] => [relays[index]!.address];

async function connected(a: TestAgent, b: TestAgent, postQuantum = true): Promise<{ readonly atA: string; readonly atB: string }> {
  const { connectionId: atB, link } = await b.agent.createInvitation({ userData: utf8('b'), postQuantum });
  const opened = await a.agent.openShortLink(formatShortLink(link!, 'simplex'));
  const atA = await a.agent.join(opened, { info: utf8('a'), postQuantum });
  const { offerId } = await b.next('confirmation');
  await b.agent.allow(offerId, utf8('b'));
  await Promise.all([a.next('connected'), b.next('connected')]);
  return { atA, atB };
}

test.each([[true], [false]])('whoever sends does not connect to the relay of who receives, for links, keys and messages of every size; post-quantum: %s', async (postQuantum) => {
  const { test: a, dialled } = routed({ mode: 'unknown', fallback: 'prohibit' }, [0]);
  const b = agent({}, at(1));
  const { atA, atB } = await connected(a, b, postQuantum);
  const { link } = await b.agent.createAddress({ userData: utf8('address') });
  expect((await a.agent.openShortLink(formatShortLink(link!, 'simplex'))).userData).toEqual(utf8('address'));
  await a.agent.send(atA, new Uint8Array(postQuantum ? 13_573 : 15_795).fill(7));
  const { body, messageId } = await b.next('message');
  expect(body.length).toBeGreaterThan(13_000);
  await b.agent.acknowledge(atB, messageId, new Uint8Array());
  await a.next('receipt');
  expect([...dialled]).toEqual([relays[0]!.port]);
});

test('what is said while the relay between is away goes through it when it is back', async () => {
  const { test: a, dialled } = routed({ mode: 'unknown', fallback: 'allow' }, [0]);
  const b = agent({}, at(1));
  const { atA } = await connected(a, b);
  await relays[0]!.kill();
  await a.say(atA, 'still there?');
  await relays[0]!.restart();
  expect(await b.read()).toEqual({ text: 'still there?', verdict: 'ok' });
  expect([...dialled]).toEqual([relays[0]!.port]);
});

test('what the relay of who receives refuses is final, as it is said directly', async () => {
  const { test: a, dialled } = routed({ mode: 'always', fallback: 'prohibit' }, [0]);
  const b = agent({}, at(1));
  const { atA, atB } = await connected(a, b);
  await b.agent.delete(atB);
  await expect.poll(() => b.agent.connections()).toEqual([]);
  await a.say(atA, 'too late');
  expect(await a.next('not-sent')).toMatchObject({ reason: 'AUTH' });
  expect([...dialled]).toEqual([relays[0]!.port]);
});

describe('relays of ours', () => {
  test('are asked directly where unknown ones are not, and through each other where all are not', async () => {
    const b = agent({}, at(1));
    const direct = routed({ mode: 'unknown', fallback: 'prohibit' }, [0, 1]);
    await connected(direct.test, b);
    expect(direct.dialled.has(relays[1]!.port)).toBe(true);
    // Queues at the first only, or the other would be connected to for them.
    const always = routed({ mode: 'always', fallback: 'prohibit' }, [0]);
    await connected(always.test, b);
    expect([...always.dialled]).toEqual([relays[0]!.port]);
  });
});

describe('where the relay between does not connect to the other', () => {
  const joined = async (options: Omit<PrivateRoutingOptions, 'servers'>): Promise<Routed> => {
    const made = routed(options, [2]);
    const b = agent({}, at(1));
    const { request } = await b.agent.createInvitation();
    await made.test.agent.join(request, { info: utf8('a') });
    return made;
  };
  const tasksOf = ({ store }: TestAgent): number => store.read((records) => records.list('task', '').length);

  test.each<Omit<PrivateRoutingOptions, 'servers'>>([
    { mode: 'unknown', fallback: 'allow' }, { mode: 'always', fallback: 'allow-protected', isAddressHidden: true },
  ])('it is asked directly if that is allowed: %o', async (options) => {
    const { test: a, dialled } = await joined(options);
    await expect.poll(() => tasksOf(a), { timeout: 10_000 }).toBe(0);
    expect(dialled.has(relays[1]!.port)).toBe(true);
  });

  test.each<Omit<PrivateRoutingOptions, 'servers'>>([
    { mode: 'unknown', fallback: 'prohibit' }, { mode: 'unknown', fallback: 'allow-protected' },
  ])('and waits if it is not: %o', async (options) => {
    const { test: a, dialled } = await joined(options);
    const sender: ReturnType<Agent['openShortLink']> = a.agent.openShortLink(formatShortLink({ kind: 'a', server: parseAddress(relays[1]!.address)!, linkKey: new Uint8Array(32) }, 'simplex'));
    await expect(sender).rejects.toMatchObject({ code: 'HOST' });
    expect([tasksOf(a), [...dialled]]).toEqual([2, [relays[2]!.port]]);
  });
});

describe('the choice of who is asked through', () => {
  const server = (name: string): { hosts: string[]; port: string; keyHash: Uint8Array; password: string } => ({ hosts: [name], port: '', keyHash: utf8(name), password: `of ${name}` });
  const destination = server('destination');
  const [one, two] = [server('one'), server('two')];

  function routing(options: Partial<PrivateRoutingOptions>, answer: (host: string) => SmpError | SmpClientError | Promise<SmpError>) {
    const asked: string[] = [];
    const clock = createFakeClock();
    const made = new PrivateRouting({ mode: 'always', fallback: 'prohibit', servers: [one, two, destination], random: () => 0, ...options }, {
      clock,
      direct: ({ hosts: [host] }) => Promise.resolve<Requester>({
        version: 18,
        request: async ({ tag }) => {
          asked.push(`${host!} ${tag}`);
          const said = await answer(host!);
          if (said instanceof Error) throw said;
          return { tag: 'ERR', error: said };
        },
      }),
    });
    return { made, asked, clock };
  }
  const code = (attempt: Promise<unknown>): Promise<unknown> => attempt.then(() => 'asked', (error: unknown) => (error as SmpClientError).code);

  test('changes with each failure, and is never the destination', async () => {
    const { made, asked } = routing({}, () => new SmpClientError('NETWORK', 'lost'));
    for (let i = 0; i < 3; i++) expect(await code(made.sender(destination))).toBe('NETWORK');
    expect(asked).toEqual(['one PRXY', 'two PRXY', 'one PRXY']);
  });

  test.each<[SmpError, string, boolean]>([
    [{ type: 'PROXY', error: { type: 'BROKER', error: { type: 'NETWORK' } } }, 'NETWORK', false],
    [{ type: 'PROXY', error: { type: 'BROKER', error: { type: 'TIMEOUT' } } }, 'TIMEOUT', false],
    [{ type: 'PROXY', error: { type: 'BROKER', error: { type: 'UNEXPECTED', text: '' } } }, 'UNEXPECTED', false],
    [{ type: 'PROXY', error: { type: 'BROKER', error: { type: 'HOST' } } }, 'HOST', true],
    [{ type: 'PROXY', error: { type: 'BROKER', error: { type: 'TRANSPORT', error: 'VERSION' } } }, 'TRANSPORT', true],
    [{ type: 'PROXY', error: { type: 'BROKER', error: { type: 'TRANSPORT', error: 'NO_AUTH' } } }, 'TRANSPORT', true],
    [{ type: 'PROXY', error: { type: 'BROKER', error: { type: 'TRANSPORT', error: 'HANDSHAKE IDENTITY' } } }, 'TRANSPORT', false],
    [{ type: 'PROXY', error: { type: 'BASIC_AUTH' } }, 'TRANSPORT', false],
    [{ type: 'PROXY', error: { type: 'NO_SESSION' } }, 'UNEXPECTED', false],
    [{ type: 'PROXY', error: { type: 'PROTOCOL', error: { type: 'CRYPTO' } } }, 'UNEXPECTED', false],
    [{ type: 'CMD', error: 'UNKNOWN' }, 'TRANSPORT', true],
    [{ type: 'INTERNAL' }, 'UNEXPECTED', false],
  ])('after %o is %s, directly: %s', async (error, expected, isDirect) => {
    const [strict, lenient] = [routing({}, () => error), routing({ fallback: 'allow' }, () => error)];
    expect([await code(strict.made.sender(destination)), await code(lenient.made.sender(destination))]).toEqual([expected, isDirect ? 'asked' : expected]);
  });

  test('is none where there is only the destination', async () => {
    const alone = { servers: [{ ...destination, port: '5223' }] };
    expect(await code(routing(alone, () => new SmpClientError('NETWORK', 'x')).made.sender(destination))).toBe('HOST');
    expect(await code(routing({ ...alone, mode: 'unknown' }, () => new SmpClientError('NETWORK', 'x')).made.sender(destination))).toBe('asked');
    expect(await code(routing({ ...alone, mode: 'unprotected', isAddressHidden: true }, () => new SmpClientError('NETWORK', 'x')).made.sender(one))).toBe('asked');
    expect(await code(routing({ ...alone, mode: 'never' }, () => new SmpClientError('NETWORK', 'x')).made.sender(one))).toBe('asked');
  });

  test('is made anew after an hour', async () => {
    const waiting = new Promise<SmpError>(() => undefined);
    const { made, asked, clock } = routing({}, () => waiting);
    const ask = (): Promise<unknown> => Promise.race([made.sender(destination), new Promise(setImmediate)]);
    await ask();
    clock.advance(HOUR - 1);
    await ask();
    expect(asked).toEqual(['one PRXY']);
    clock.advance(1);
    await ask();
    expect(asked).toEqual(['one PRXY', 'two PRXY']);
  });

  test('what is no failure of a way is not hidden', async () => {
    const { made } = routing({}, () => Promise.reject(new TypeError('a bug')));
    await expect(made.sender(destination)).rejects.toThrow(TypeError);
  });
});
