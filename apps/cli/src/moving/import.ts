/** `polyplex store import`: what an export wrote, into the store that the configuration names. */
import { setTimeout as wait } from 'node:timers/promises';
import type { QueueStore, StoreCounts } from '@polyplex/store-contract';
import { expectedTotals, type Header, importStore, type Imported, readTransfer, type Totals } from '@polyplex/store-transfer';
import type { ConfigFlags } from '../config-options.ts';
import { CliError } from '../report-failure.ts';
import { type ByteInput, byteInput } from './byte-streams.ts';
import { sumOf } from './export.ts';
import { explained } from './failures.ts';
import { interruption } from './interruption.ts';
import { countText, Progress } from './progress.ts';
import { storeAccess, withStore } from './store-access.ts';
import { checksumRow, doneOf, madeRow, type Row, rowsText } from './summary.ts';
import { verified } from './verify.ts';

const AGAIN = 'run the same command again: what is there already is passed over';
/** Counts may lag by seconds. */
const COUNT_TRIES = 20;
const COUNT_WAIT_MS = 500;

interface Report extends Imported {
  readonly header: Header;
  readonly end: NonNullable<Imported['end']>;
  readonly before: StoreCounts;
  readonly after: StoreCounts;
}

export async function importCommand(file: string, flags: ConfigFlags): Promise<void> {
  const input = byteInput(file);
  const access = storeAccess(flags);
  const signal = interruption();
  // A store in use is told at once, but none is made for a file that is not whole.
  if (access.exists) await withStore(access, () => Promise.resolve());
  if (input.size !== null) await verified(input, signal);
  await withStore(access, async (store) => {
    const report = await runImport(store, input, signal);
    process.stdout.write(summary(report, input.name, access.place));
    const { queues, services } = report.collisions;
    if (queues + services > 0) {
      throw new CliError('FAILED', `${countText(queues)} queues and ${countText(services)} services were NOT imported: others in the store have their ids. Import into an empty store`);
    }
  });
}

async function runImport(store: QueueStore, input: ByteInput, signal: AbortSignal): Promise<Report> {
  const before = await store.counts();
  const progress = new Progress('importing');
  let bytes = 0;
  let header: Header | null = null;
  const share = (totals: Totals): number | null => {
    if (input.size !== null) return bytes / input.size;
    const all = header === null ? 0 : sumOf(header.expected);
    return all === 0 ? null : Math.min(1, sumOf(totals) / all);
  };
  try {
    const parts = readTransfer(input.read(signal, (more) => (bytes += more)));
    const imported = await importStore(store, parts, {
      signal,
      begun: (found) => (header = found),
      progress: (totals) => progress.update({ done: doneOf(totals), bytes, share: share(totals) }),
    });
    const { end, written, present } = imported;
    if (end === null) {
      throw new CliError('FAILED', `interrupted: ${countText(written.queues + present.queues)} queues are in the store; ${AGAIN}`);
    }
    return { ...imported, end, header: header!, before, after: await countsAfter(store, before, written) };
  } catch (error) {
    throw explained(error, input.name, AGAIN);
  } finally {
    progress.end();
  }
}

/** The counts of the store when they are what they must be; throws `CliError` when they do not become so. */
async function countsAfter(store: QueueStore, before: StoreCounts, written: Totals): Promise<StoreCounts> {
  const was = expectedTotals(before);
  for (let i = 0; ; i++) {
    const after = await store.counts();
    const is = expectedTotals(after);
    if ((['queues', 'messages', 'services'] as const).every((name) => is[name] === was[name] + written[name])) return after;
    if (i === COUNT_TRIES) {
      throw new CliError('FAILED', `the store counts ${countText(is.queues)} queues and ${countText(is.messages)} messages, where ${countText(was.queues + written.queues)} and ${countText(was.messages + written.messages)} are right: if a relay uses it, that is why; if not, import into an empty store`);
    }
    await wait(COUNT_WAIT_MS);
  }
}

function summary({ header, end, written, present, before, after }: Report, name: string, place: string): string {
  const rows: Row[] = [
    madeRow(header),
    ['Queues', `${countText(written.queues)} written, ${countText(present.queues)} there already`],
    ['Messages', `${countText(written.messages)} written`],
    ['Notifications', `${countText(written.notifications)} written`],
    ['Services', `${countText(written.services)} written, ${countText(present.services)} there already`],
    checksumRow(end.checksum),
    ['Store', `${countText(after.queues)} queues, ${countText(after.messages)} messages; before ${countText(before.queues)} and ${countText(before.messages)}`],
  ];
  return `Imported ${name} into ${place}; checksum and counts are right

${rowsText(rows)}
Next: "polyplex start", with the certificates of the relay that the queues come from: to the apps they are part of its
address. Keep the file until you have seen messages arrive, then delete it: it holds the secrets of all queues.
`;
}
