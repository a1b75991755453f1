/** What commands and their refusals count to. Outcomes that a reply does not show are counted where they are known. */
import type { SmpCommandTag, SmpError } from '@polyplex/protocol-smp';
import type { Incoming } from './incoming.ts';
import type { SmpStats } from './stats.ts';

/** Commands read of a block, or of a box that another relay forwarded. */
export function countCommands(stats: SmpStats, commands: readonly Incoming[], forwarded: boolean): void {
  for (const { command } of commands) stats.commands.add(command.tag);
  const first = commands[0];
  if (first !== undefined && !forwarded) countBatch(stats, first.command.tag);
}

/** The reference counts blocks of these commands by the first. */
function countBatch(stats: SmpStats, first: SmpCommandTag): void {
  switch (first) {
    case 'SUB':
      return stats.subscribeBatches.add();
    case 'NSUB':
      return stats.notifierSubscribeBatches.add();
    case 'DEL':
      return stats.queuesDeletedBatches.add();
    case 'NDEL':
      return stats.notifiersDeletedBatches.add();
    default:
  }
}

const SEND_ERRORS: Readonly<Partial<Record<SmpError['type'], 'auth' | 'quota' | 'large' | 'block'>>> = {
  AUTH: 'auth', QUOTA: 'quota', LARGE_MSG: 'large', BLOCKED: 'block',
};

/** `tag`: null where no command could be read. */
export function countError(stats: SmpStats, tag: SmpCommandTag | null, { type }: SmpError): void {
  stats.errors.add(type);
  if (tag === 'SEND') {
    const label = SEND_ERRORS[type];
    if (label !== undefined) stats.sendErrors.add(label);
  }
  if (type !== 'AUTH') return;
  if (tag === 'SUB') stats.subscribeErrors.add('auth');
  if (tag === 'GET') stats.getErrors.add('auth');
  if (tag === 'NSUB') stats.notifierSubscribeErrors.add('auth');
}
