/** `polyplex xftp`: an operator's steps on files of the running file server (XFTP §5.7, §7.5), by way of its admin port. */
import type { AnswerOf, RouteName } from '@polyplex/admin-api';
import { errorText } from '@polyplex/base';
import { Command } from 'commander';
import { ask } from '../admin-client.ts';
import { type AdminFlags, type BlockFlags, targetOf, withAdminOptions, withBlockOptions } from '../control/admin-flags.ts';
import { done, lines } from '../control/answer-text.ts';
import { chunksOf } from '../control/chunks-of.ts';
import { CliError } from '../report-failure.ts';

type FileRoute = Extract<RouteName, `file${string}`>;

interface Step<N extends FileRoute> {
  readonly route: N;
  readonly order?: { readonly reason: 'spam' | 'content'; readonly noticeSeconds: number | null };
  readonly text: (answer: AnswerOf<N>) => string;
}

async function onFile<N extends FileRoute>(given: string, flags: AdminFlags, step: Step<N>): Promise<void> {
  const target = targetOf(flags, 'xftp');
  const { ids, single, isRedirect } = await chunksOf(given, target);
  const take = (id: string) => ask(target, step.route, { id, ...step.order } as Parameters<typeof ask<N>>[2]);
  const print = (answer: AnswerOf<N>): void => void process.stdout.write(`${flags.json === true ? JSON.stringify(answer) : step.text(answer)}\n`);
  if (single) return print(await take(ids[0]!));
  // One that is gone already must not keep the others from being blocked.
  let failed = 0;
  for (const [i, id] of ids.entries()) {
    await take(id).then(print, (error: unknown) => {
      failed++;
      process.stderr.write(`chunk ${String(i + 1)}: ${errorText(error)}\n`);
    });
  }
  if (isRedirect) process.stderr.write('The link leads to a description that lies on this server; the file itself is in other chunks, which that description names.\n');
  if (failed > 0) throw new CliError('FAILED', `${String(failed)} of ${String(ids.length)} chunks: not done`);
}

const FILE = 'id of any recipient of the chunk, or a link to the file or its description: all its chunks on this server';

function fileStep<N extends FileRoute>(name: string, description: string, step: Step<N>): Command {
  return withAdminOptions(new Command(name)).description(description).argument('<file>', FILE)
    .action((given: string, flags: AdminFlags) => onFile(given, flags, step));
}

function block(): Command {
  return withBlockOptions(withAdminOptions(new Command('block')))
    .description('delete what a file holds for good, and tell whoever asks for it why')
    .argument('<file>', FILE)
    .action((given: string, { reason, notice, ...flags }: BlockFlags & AdminFlags) => {
      return onFile(given, flags, { route: 'fileBlock', order: { reason, noticeSeconds: notice ?? null }, text: ({ target }) => done('blocked', target) });
    });
}

const HELP = `
What the protocol calls a file is one chunk: a file of 5 MB is several, each with ids of its own. "polyplex file info --ids" lists
them; a link or description does for all of them that are on this server, one answer a line. Links are quoted; an id that
begins with a dash goes after "--".

A block deletes the chunk. Unblocking brings nothing back: it lets the sender, who alone may, upload the very same chunk again.

Examples:
  polyplex xftp status 3kHvF0Qk1b7uTgN8lqWm0g==
  polyplex xftp block --reason content --notice 30d 3kHvF0Qk1b7uTgN8lqWm0g==
  polyplex xftp block --reason content 'simplex:/file#/?desc=…'
  polyplex xftp unblock 3kHvF0Qk1b7uTgN8lqWm0g==
  polyplex xftp delete -- -kHvF0Qk1b7uTgN8lqWm0g==`;

export function xftpCommand(): Command {
  return new Command('xftp')
    .description('look at, block, unblock or delete a file of the running file server')
    .addCommand(fileStep('status', 'say what state a file is in', { route: 'fileStatus', text: ({ status, size, created }) => lines({ status, size, created }) }))
    .addCommand(block())
    .addCommand(fileStep('unblock', 'let the sender upload a blocked file again', { route: 'fileUnblock', text: ({ target }) => done('unblocked', target) }))
    .addCommand(fileStep('delete', 'delete a file, for all its recipients', { route: 'fileDelete', text: ({ target }) => done('deleted', target) }))
    .addHelpText('after', HELP);
}
