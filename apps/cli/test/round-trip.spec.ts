/** The round trip of `polyplex check` through a real relay, on connections that fail in the middle of it. */
import { type Dial, tlsDial } from '@polyplex/client';
import { type AddressText, type BlockConnection, parseAddress } from '@polyplex/protocol-common';
import { describe, expect, it } from 'vitest';
import { roundTrip } from '../src/check/round-trip.ts';
import type { CheckReport } from '../src/check/steps.ts';
import { newFolder, startReady } from './support.ts';

interface Relay {
  readonly address: AddressText;
  readonly queues: () => Promise<number>;
}

async function newRelay(): Promise<Relay> {
  const { output } = await startReady(newFolder());
  const address = { ...parseAddress(/smp:\/\/\S+/.exec(output.stdout)![0])!, hosts: ['127.0.0.1'] };
  const metrics = /http:\/\/\S+/.exec(output.stdout)![0] + 'metrics';
  return { address, queues: async () => Number(/^simplex_smp_queues_total2\S* (\d+)$/m.exec(await (await fetch(metrics)).text())![1]) };
}

/** `spoil` is called with each connection and its number: 0 the recipient's, 1 the sender's. */
function check(address: AddressText, spoil: (connection: BlockConnection, number: number) => void = () => undefined, requestTimeoutMs = 10_000): Promise<CheckReport> {
  const real = tlsDial();
  let count = 0;
  const dial: Dial = async (target) => {
    const connection = await real(target);
    spoil(connection, count++);
    return connection;
  };
  return roundTrip({ address, connect: { dial, connectTimeoutMs: 10_000, requestTimeoutMs }, onStep: () => undefined });
}

function last({ steps }: CheckReport) {
  return steps.at(-1)!;
}

describe('a round trip', () => {
  it('ends with nothing left, and times the delivery from the sending', async () => {
    const { address, queues } = await newRelay();
    const report = await check(address);
    expect(last(report)).toMatchObject({ name: 'delete the queue', failure: null });
    const times = new Map(report.steps.map(({ name, milliseconds }) => [name, milliseconds]));
    expect(times.get('receive it (since it was sent)')).toBeGreaterThanOrEqual(times.get('send a message')!);
    expect(await queues()).toBe(0);
  });

  it('that fails takes its queue away again', async () => {
    const { address, queues } = await newRelay();
    const report = await check(address, (connection, number) => {
      const write = connection.write.bind(connection);
      let blocks = 0;
      // The sender's hello and SKEY go out, SEND does not.
      if (number === 1) connection.write = (block) => (++blocks < 3 ? write(block) : (connection.destroy('error'), true));
    });
    expect(last(report)).toMatchObject({ name: 'send a message', failure: { code: 'NETWORK' } });
    expect(await queues()).toBe(0);
  });

  it('waits for the delivery no longer than for an answer', async () => {
    const { address } = await newRelay();
    const report = await check(address, (connection, number) => {
      const start = connection.start.bind(connection);
      let blocks = 0;
      // The relay's hello and IDS arrive, MSG does not.
      if (number === 0) connection.start = (handlers) => start({ ...handlers, block: (block) => (++blocks < 3 ? handlers.block(block) : undefined) });
    }, 2000);
    expect(last(report)).toMatchObject({ name: expect.stringContaining('receive it'), failure: { message: 'the message was not delivered in time' } });
  });
});
