/** What was moved, as rows. */
import type { Header, Totals } from '@polyplex/store-transfer';
import { countText } from './progress.ts';

const NAME_WIDTH = 15;

export type Row = readonly [name: string, text: string];

export function rowsText(rows: readonly Row[]): string {
  return rows.map(([name, text]) => `  ${name.padEnd(NAME_WIDTH)}${text}\n`).join('');
}

export function totalRows({ queues, messages, notifications, services }: Totals): Row[] {
  return [
    ['Queues', countText(queues)], ['Messages', countText(messages)], ['Notifications', countText(notifications)], ['Services', countText(services)],
  ];
}

/** What a progress line tells of it. */
export function doneOf({ queues, messages }: Totals): readonly string[] {
  return [`${countText(queues)} queues`, `${countText(messages)} messages`];
}

export function checksumRow(checksum: Uint8Array): Row {
  return ['Checksum', `sha256:${Buffer.from(checksum).toString('hex')}`];
}

export function madeRow({ createdAt, engine, program }: Header): Row {
  const time = new Date(createdAt * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return ['Made', `${time} UTC, of a store of the kind "${engine}", by polyplex ${program}`];
}
