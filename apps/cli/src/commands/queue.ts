/** `polyplex queue`: an operator's steps on one queue of the running relay (SMP §8.5), by way of its admin port. */
import type { AnswerOf, RouteName } from '@polyplex/admin-api';
import { toBase64Url } from '@polyplex/base';
import { parseQueueName, type QueueName } from '@polyplex/protocol-agent';
import { Command } from 'commander';
import { ask } from '../admin-client.ts';
import { type AdminFlags, type BlockFlags, targetOf, withAdminOptions, withBlockOptions } from '../control/admin-flags.ts';
import { done, lines } from '../control/answer-text.ts';
import { CliError } from '../report-failure.ts';

type QueueRoute = Extract<RouteName, `queue${string}`>;

interface Step<N extends QueueRoute> {
  readonly route: N;
  readonly order?: { readonly reason: 'spam' | 'content'; readonly noticeSeconds: number | null };
  readonly text: (answer: AnswerOf<N>) => string;
}

async function onQueue<N extends QueueRoute>(given: string, flags: AdminFlags, { route, order, text }: Step<N>): Promise<void> {
  const name = queueOf(given);
  const body = { id: toBase64Url(name.id), ...order } as Parameters<typeof ask<N>>[2];
  const answer = await ask(targetOf(flags, 'smp'), route, body).catch((error: unknown) => {
    throw withHost(error, name);
  });
  process.stdout.write(`${flags.json === true ? JSON.stringify(answer) : text(answer)}\n`);
}

/** Throws `CliError` USAGE. */
function queueOf(given: string): QueueName {
  const name = parseQueueName(given);
  if (name !== null) return name;
  throw new CliError('USAGE', 'this names no queue: give an id in base64url, a link or an address, and quote it, since shells cut it at "#" and "&"');
}

/** A link to a queue of another relay looks like any other. */
function withHost(error: unknown, { host }: QueueName): unknown {
  if (host === null || !(error instanceof CliError) || !error.message.endsWith('no queue has this id')) return error;
  return new CliError('FAILED', `${error.message} (the link is of ${host}: is that this relay?)`, { cause: error });
}

const QUEUE = 'sender id or link id of the queue, or a link to it: simplex:/…, https://…/a#…, smp://…';

function queueStep<N extends QueueRoute>(name: string, description: string, step: Step<N>): Command {
  return withAdminOptions(new Command(name)).description(description).argument('<queue>', QUEUE)
    .action((given: string, flags: AdminFlags) => onQueue(given, flags, step));
}

function statusText({ status, mode, usedDay, messages }: AnswerOf<'queueStatus'>): string {
  return lines({ status, mode, 'last used': usedDay, messages });
}

function block(): Command {
  return withBlockOptions(withAdminOptions(new Command('block')))
    .description('accept nothing more for a queue and tell its owner why')
    .argument('<queue>', QUEUE)
    .action((given: string, { reason, notice, ...flags }: BlockFlags & AdminFlags) => {
      return onQueue(given, flags, { route: 'queueBlock', order: { reason, noticeSeconds: notice ?? null }, text: ({ target }) => done('blocked', target) });
    });
}

const HELP = `
A short link to a contact, group or channel names the queue by its key, one to an invitation by an id of its own; a full link
or an address of a queue has the sender's id. What a link says besides that is not used, and is sent nowhere. Links are
quoted; an id that begins with a dash goes after "--".

A block tells the owner at once, where an app is subscribed, and all senders: with --notice, for how long apps show it. A day
has access.dailyBlockQuota of them. Deleting tells nobody.

Examples:
  polyplex queue status 'https://smp.example.org/a#3kHvF0Qk1b7uTgN8lqWm0hXc5Yx2Zs4R3kHvF0Qk1b8'
  polyplex queue status --json 3kHvF0Qk1b7uTgN8lqWm0hXc5Yx2Zs4R
  polyplex queue block --reason content --notice 30d 'simplex:/contact#/?v=2-7&smp=smp%3A%2F%2F…'
  polyplex queue block --reason spam -- -kHvF0Qk1b7uTgN8lqWm0hXc5Yx2Zs4R
  polyplex queue unblock 3kHvF0Qk1b7uTgN8lqWm0hXc5Yx2Zs4R --url https://admin.example.org --token-file token`;

export function queueCommand(): Command {
  return new Command('queue')
    .description('look at, block, unblock or delete a queue of the running relay')
    .addCommand(queueStep('status', 'say what state a queue is in', { route: 'queueStatus', text: statusText }))
    .addCommand(block())
    .addCommand(queueStep('unblock', 'undo a block', { route: 'queueUnblock', text: ({ target }) => done('active', target) }))
    .addCommand(queueStep('delete', 'delete a queue with its messages', {
      route: 'queueDelete', text: ({ messages, target }) => done(`deleted, with ${String(messages)} messages`, target),
    }))
    .addHelpText('after', HELP);
}
