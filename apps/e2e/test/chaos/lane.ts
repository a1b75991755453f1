/** Faults one after the other, while tests wait for their results: several networks can so be tried side by side. */
import { type Campaign, type Fault, type Row, startCampaign, tableOf } from './campaign.ts';
import type { LoadOptions } from './load.ts';
import type { Network } from './network.ts';

export interface Lane<N extends Network> {
  readonly names: readonly string[];
  /** Resolves when the faults of this name are through; rejects with what went wrong in them. */
  result(name: string): Promise<Row>;
  readonly campaign: Campaign<N>;
  /** What has been measured so far. */
  table(): string;
  stop(): Promise<void>;
}

export async function startLane<N extends Network>(
  starting: Promise<N>, options: LoadOptions, faultsOf: (campaign: Campaign<N>) => readonly Fault[],
): Promise<Lane<N>> {
  const campaign = await startCampaign(starting, options);
  const results = new Map<string, Promise<Row>>();
  let last: Promise<unknown> = Promise.resolve();
  for (const fault of faultsOf(campaign)) {
    const result = last.then(() => campaign.run(fault));
    last = result.catch(() => undefined);
    results.set(fault.name, result);
  }
  return {
    campaign,
    names: [...results.keys()],
    result: (name) => results.get(name)!,
    table: () => tableOf(campaign.rows),
    async stop() {
      await last;
      await campaign.stop();
    },
  };
}
