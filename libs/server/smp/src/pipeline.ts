/**
 * The path of a block's commands: parse → look up → authorise → handle → answer. Lookups of a block are one call a
 * party, its SUBs (and NSUBs) one step of the store. Commands on one entity run in order, on different ones side by
 * side. A handler sees only verified input; when the record changed under it, it is authorised and run again.
 */
import { idKey, type IdKey, unixDay } from '@polyplex/base';
import { errorReply, type SmpCommandTag, smpCommands, type SmpReply } from '@polyplex/protocol-smp';
import { KeyedOrder } from '@polyplex/server-core';
import { type Party, type QueueRecord, StoreError } from '@polyplex/store-contract';
import { authorizeCommand } from './authorize.ts';
import type { Incoming } from './incoming.ts';
import type { Outcome, QueueContext, Relay, Sender } from './context.ts';
import { batchHandlers, queueHandlers, sessionHandlers } from './handlers/index.ts';
import type { Telling } from './telling.ts';
import type { Answer, Parsed } from './incoming.ts';

/** How often a command is tried again when its queue changes between check and step. */
const ATTEMPTS = 8;
const INTERNAL = errorReply({ type: 'INTERNAL' });

/** The index in which a command's entity is looked up; null for commands that name no queue. */
export function partyOf(tag: SmpCommandTag): Party | null {
  switch (smpCommands[tag].party) {
    case 'recipient':
      return 'recipient';
    case 'sender':
      return 'sender';
    case 'link client':
      return 'link';
    case 'notifier':
      return 'notifier';
    default:
      return null;
  }
}

/** Answers what was read of a block, in order. Never rejects. */
export async function answerParsed(relay: Relay, sender: Sender, parsed: readonly Parsed[]): Promise<readonly Answer[]> {
  const commands = parsed.map((entry) => ('incoming' in entry ? entry.incoming : null));
  const replies = await answerCommands(relay, sender, commands.filter((command) => command !== null));
  let next = 0;
  return parsed.map((entry) => {
    const answer = 'answer' in entry ? entry.answer : toAnswer(entry.incoming, replies[next++]!);
    if (answer.reply.tag === 'ERR') relay.stats.errors.add(answer.reply.error.type);
    return answer;
  });
}

/** Responses echo the entity, but for those that the protocol keeps empty (SMP §4.4). */
function toAnswer({ corrId, entityId, command }: Incoming, reply: Telling): Answer {
  const { entity } = smpCommands[command.tag];
  return { corrId, entityId: entity === 'none' ? entityId.subarray(0, 0) : entityId, reply };
}

async function answerCommands(relay: Relay, sender: Sender, commands: readonly Incoming[]): Promise<readonly Telling[]> {
  for (const { command } of commands) relay.stats.commands.add(command.tag);
  if (commands.length === 1) return [await answerOne(relay, sender, commands[0]!)];
  const order = new KeyedOrder<string>();
  const groups = groupCommands(commands);
  const replies: Telling[] = [];
  await Promise.all(
    groups.map((group) =>
      order.run(group.keys, async () => {
        const answers = group.indices.length === 1
          ? [await answerOne(relay, sender, commands[group.indices[0]!]!)]
          : await answerBatch(relay, sender, group.indices.map((i) => commands[i]!));
        group.indices.forEach((index, i) => (replies[index] = answers[i]!));
      }),
    ),
  );
  return replies;
}

interface Group {
  readonly keys: readonly IdKey[];
  readonly indices: readonly number[];
}

/** Runs of commands that the store takes in one step become one group; every other command is its own. */
function groupCommands(commands: readonly Incoming[]): readonly Group[] {
  const groups: { tag: SmpCommandTag; keys: IdKey[]; indices: number[] }[] = [];
  commands.forEach(({ command, entityId }, i) => {
    const { tag } = command;
    const key = idKey(entityId);
    const last = groups.at(-1);
    if (last?.tag === tag && tag in batchHandlers && !last.keys.includes(key)) {
      last.keys.push(key);
      last.indices.push(i);
    } else {
      groups.push({ tag, keys: partyOf(tag) === null ? [] : [key], indices: [i] });
    }
  });
  return groups;
}

/** Any failure of the store or of our own becomes an answer here, and only here. */
function failure(relay: Relay, error: unknown): SmpReply {
  if (error instanceof StoreError) {
    relay.log.error('store failed', { code: error.code });
    return errorReply({ type: 'STORE', text: error.code });
  }
  relay.stats.internalErrors.add();
  relay.log.error('command failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return INTERNAL;
}

async function answerOne(relay: Relay, sender: Sender, incoming: Incoming): Promise<Telling> {
  try {
    const { tag } = incoming.command;
    const party = partyOf(tag);
    if (party === null) return await sessionHandlers(tag)({ relay, sender, incoming: incoming as never });
    const [found] = await relay.store.find(party, [incoming.entityId]);
    return await onQueue(relay, sender, incoming, found ?? null);
  } catch (error) {
    return failure(relay, error);
  }
}

async function onQueue(relay: Relay, sender: Sender, incoming: Incoming, found: QueueRecord | null): Promise<Telling> {
  let queue = found;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const refusal = authorizeCommand(sender, incoming, queue);
    if (refusal !== null || queue === null) return errorReply(refusal ?? { type: 'AUTH' });
    touch(relay, queue);
    const outcome: Outcome = await queueHandlers(incoming.command.tag)({ relay, sender, queue, incoming: incoming as never });
    if (!('stale' in outcome)) return outcome;
    queue = outcome.stale;
  }
  return INTERNAL;
}

function touch(relay: Relay, queue: QueueRecord): void {
  const day = unixDay(relay.clock);
  if (queue.usedDay !== day && queue.status.state !== 'blocked') relay.store.touch(queue, day);
}

/** Commands of one tag on different queues: one lookup and one step for all that are authorised. */
async function answerBatch(relay: Relay, sender: Sender, batch: readonly Incoming[]): Promise<readonly Telling[]> {
  const { tag } = batch[0]!.command;
  try {
    const found = await relay.store.find(partyOf(tag)!, batch.map(({ entityId }) => entityId));
    const replies: (Telling | null)[] = batch.map((incoming, i) => {
      const refusal = authorizeCommand(sender, incoming, found[i] ?? null);
      return refusal === null ? null : errorReply(refusal);
    });
    const allowed = batch.map((_, i) => i).filter((i) => replies[i] === null);
    const contexts = allowed.map((i) => ({ relay, sender, queue: found[i]!, incoming: batch[i]! }) as QueueContext<never>);
    for (const { queue } of contexts) touch(relay, queue);
    const outcomes = await batchHandlers[tag as keyof typeof batchHandlers](contexts);
    await Promise.all(
      allowed.map(async (i, n) => {
        const outcome = outcomes[n]!;
        replies[i] = 'stale' in outcome ? await onQueue(relay, sender, batch[i]!, outcome.stale) : outcome;
      }),
    );
    return replies.map((reply) => reply ?? INTERNAL);
  } catch (error) {
    const reply = failure(relay, error);
    return batch.map(() => reply);
  }
}
