/**
 * What the machine does to a computation on the server's processor: on a virtual one a host may run something else meanwhile, which
 * neither the relay nor its clocks know of.
 */
import { firstBesideServer } from './affinity.ts';
import { type ClientProcess, startClient } from './client-process.ts';
import { type Figure, median } from './measure.ts';

/** So many times the median and more is no chance of caches. */
const SLOW = 3;

export interface Probe extends Pick<ClientProcess, 'end'> {
  /** What was since the last call. */
  figures(): Promise<readonly Figure[]>;
}

/** Null where a process may not go before the server (it takes root), or the server has no processor of its own. */
export async function startProbe(serverIsAlone: boolean): Promise<Probe | null> {
  const client = startClient('probe');
  if (!serverIsAlone || !firstBesideServer(client.pid)) {
    await client.end();
    return null;
  }
  return {
    end: () => client.end(),
    async figures() {
      const times = await client.ask<readonly number[]>({ ask: 'times' });
      const usual = median(times);
      return [
        { name: 'a fixed computation on the relay\'s core meanwhile, before all else, median', value: 1000 * usual, unit: 'us' },
        { name: `  took over ${SLOW} times as long`, value: (100 * times.filter((time) => time > SLOW * usual).length) / times.length, unit: '% of times' },
        { name: '  the longest', value: 1000 * Math.max(...times), unit: 'us' },
      ];
    },
  };
}
