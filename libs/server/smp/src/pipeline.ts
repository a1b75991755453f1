/**
 * The path of a block's commands: parse → look up → authorise → handle → answer. Lookups of a block are one call a
 * party, its SUBs (and NSUBs) one step of the store. Commands on one entity run in order, on different ones side by
 * side. A handler sees only verified input; when the record changed under it, it is authorised and run again.
 */
import { equalBytes, type IdKey, SECOND, unixDay } from '@polyplex/base';
import { AUTH_ERROR, errorReply, type SmpCommandTag, smpCommands, type SmpError } from '@polyplex/protocol-smp';
import { KeyedOrder } from '@polyplex/server-core';
import { type Item, type Party, type QueueRecord, resultOf, StoreError } from '@polyplex/store-contract';
import { timed } from '@polyplex/telemetry';
import { authorizeCommand } from './authorize.ts';
import { countCommands, countError } from './count-commands.ts';
import type { Incoming } from './incoming.ts';
import type { Outcome, QueueContext, Relay, Sender } from './context.ts';
import { failure, INTERNAL } from './failure.ts';
import { batchHandlers, queueHandlers, sessionHandlers } from './handlers/index.ts';
import type { Telling } from './telling.ts';
import type { Answer, Parsed } from './incoming.ts';

/** How often a command is tried again when its queue changes between check and step. */
const ATTEMPTS = 8;

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
  const [only] = parsed;
  if (parsed.length === 1 && only !== undefined && 'incoming' in only) {
    countCommands(relay.stats, [only.incoming], sender.forwarded);
    return [counted(relay, only.incoming, await answerOne(relay, sender, only.incoming))];
  }
  const commands = parsed.map((entry) => ('incoming' in entry ? entry.incoming : null));
  const replies = await answerCommands(relay, sender, commands.filter((command) => command !== null));
  let next = 0;
  return parsed.map((entry) => {
    if ('incoming' in entry) return counted(relay, entry.incoming, replies[next++]!);
    if (entry.answer.reply.tag === 'ERR') countError(relay.stats, null, entry.answer.reply.error);
    return entry.answer;
  });
}

function counted(relay: Relay, incoming: Incoming, reply: Telling): Answer {
  if (reply.tag === 'ERR') countError(relay.stats, incoming.command.tag, reply.error);
  return toAnswer(incoming, reply);
}

/** Responses echo the entity, but for those that the protocol keeps empty (SMP §4.4). */
function toAnswer({ corrId, entityId, command }: Incoming, reply: Telling): Answer {
  const { entity } = smpCommands[command.tag];
  return { corrId, entityId: entity === 'none' ? entityId.subarray(0, 0) : entityId, reply };
}

async function answerCommands(relay: Relay, sender: Sender, commands: readonly Incoming[]): Promise<readonly Telling[]> {
  countCommands(relay.stats, commands, sender.forwarded);
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
  commands.forEach(({ command, entityKey: key }, i) => {
    const { tag } = command;
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

async function answerOne(relay: Relay, sender: Sender, incoming: Incoming): Promise<Telling> {
  try {
    const { entityKey, command: { tag } } = incoming;
    const party = partyOf(tag);
    if (party === null) return await sessionHandlers(tag)({ relay, sender, incoming: incoming as never });
    const remembered = relay.records.recall(tag, entityKey);
    if (remembered !== null) return await onRemembered(relay, sender, incoming, remembered);
    return await onQueue(relay, sender, incoming, await look(relay, incoming));
  } catch (error) {
    return failure(relay, error);
  }
}

/** The checks of a command on a queue; null when it may be handled. */
function authorize({ stats }: Relay, sender: Sender, incoming: Incoming, queue: QueueRecord | null): SmpError | null {
  const began = performance.now();
  const refusal = authorizeCommand(sender, incoming, queue);
  stats.stages.authorize.observe((performance.now() - began) / SECOND);
  return refusal;
}

/** The queue that the command names, as it is stored now. */
async function look(relay: Relay, { entityId, command: { tag } }: Incoming): Promise<QueueRecord | null> {
  const [found] = await timed(relay.stats.stages.lookup, () => relay.store.find(partyOf(tag)!, [entityId]));
  return resultOf(found ?? null);
}

/**
 * Acts on a record that may be out of date. What a step of the store did is good (it checked the revision); what was
 * refused without one is looked up first. So a refusal costs one verification and one lookup, as it does for a queue
 * that does not exist.
 */
async function onRemembered(relay: Relay, sender: Sender, incoming: Incoming, remembered: QueueRecord): Promise<Telling> {
  const refusal = authorize(relay, sender, incoming, remembered);
  const reply = refusal === null ? await handle(relay, sender, incoming, remembered) : errorReply(refusal);
  if (reply.tag !== 'ERR' || !REFUSED_BY_RECORD.has(reply.error.type)) return reply;
  const found = await look(relay, incoming);
  if (found !== null && isSame(found, remembered)) return reply;
  relay.records.forget(incoming.command.tag, incoming.entityKey);
  return found === null ? errorReply(AUTH_ERROR) : await onQueue(relay, sender, incoming, found);
}

const REFUSED_BY_RECORD: ReadonlySet<SmpError['type']> = new Set(['AUTH', 'BLOCKED', 'LARGE_MSG', 'NO_MSG', 'CMD', 'SERVICE']);

function isSame(a: QueueRecord, b: QueueRecord): boolean {
  return a.revision === b.revision && equalBytes(a.recipientId, b.recipientId);
}

async function onQueue(relay: Relay, sender: Sender, incoming: Incoming, found: QueueRecord | null): Promise<Telling> {
  const refusal = authorize(relay, sender, incoming, found);
  return refusal !== null || found === null ? errorReply(refusal ?? AUTH_ERROR) : await handle(relay, sender, incoming, found);
}

/** Handles a command that `authorised` authorises; again, when the record changed under it and still does. */
async function handle(relay: Relay, sender: Sender, incoming: Incoming, authorised: QueueRecord): Promise<Telling> {
  const { entityKey, command: { tag } } = incoming;
  const { store } = relay.stats.stages;
  let queue = authorised;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    relay.records.remember(tag, entityKey, (queue = touched(relay, queue)));
    const context = { relay, sender, queue, incoming: incoming as never };
    const began = performance.now();
    let outcome: Outcome;
    try {
      outcome = await queueHandlers(tag)(context);
    } finally {
      store.observe((performance.now() - began) / SECOND);
    }
    if (!('stale' in outcome)) return outcome;
    relay.records.forget(tag, entityKey);
    const present = stillNamed(outcome.stale, incoming);
    const refusal = authorize(relay, sender, incoming, present);
    if (refusal !== null || present === null) return errorReply(refusal ?? AUTH_ERROR);
    queue = present;
  }
  return INTERNAL;
}

/** A queue that no longer has the link or notifier by which it was named is missing, for this command. */
function stillNamed(queue: QueueRecord | null, { entityId, command: { tag } }: Incoming): QueueRecord | null {
  const id = queue === null ? null : idOf(queue, partyOf(tag)!);
  return id !== null && equalBytes(id, entityId) ? queue : null;
}

function idOf(queue: QueueRecord, party: Party): Uint8Array | null {
  switch (party) {
    case 'recipient':
      return queue.recipientId;
    case 'sender':
      return queue.senderId;
    case 'link':
      return queue.linkId;
    case 'notifier':
      return queue.notifier?.notifierId ?? null;
  }
}

/** The record with today as its day of last use, which the store is told when it is new. */
function touched(relay: Relay, queue: QueueRecord): QueueRecord {
  const usedDay = unixDay(relay.clock);
  if (queue.usedDay === usedDay || queue.status.state === 'blocked') return queue;
  relay.store.touch(queue, usedDay);
  return { ...queue, usedDay };
}

/** Commands of one tag on different queues: one lookup and one step for all that are authorised. */
async function answerBatch(relay: Relay, sender: Sender, batch: readonly Incoming[]): Promise<readonly Telling[]> {
  const { tag } = batch[0]!.command;
  try {
    const { stages } = relay.stats;
    const found = await timed(stages.lookup, () => relay.store.find(partyOf(tag)!, batch.map(({ entityId }) => entityId)));
    const replies: (Telling | null)[] = batch.map((incoming, i) => refusalOf(relay, sender, incoming, found[i] ?? null));
    const allowed = batch.map((_, i) => i).filter((i) => replies[i] === null);
    const contexts = allowed.map((i) => ({ relay, sender, queue: found[i], incoming: batch[i]! }) as QueueContext<never>);
    for (const { queue } of contexts) touched(relay, queue);
    const outcomes = await timed(stages.store, () => batchHandlers[tag as keyof typeof batchHandlers](contexts));
    await Promise.all(
      allowed.map(async (i, n) => {
        const outcome = outcomes[n]!;
        const incoming = batch[i]!;
        replies[i] = 'stale' in outcome ? await onQueue(relay, sender, incoming, stillNamed(outcome.stale, incoming)) : outcome;
      }),
    );
    return replies.map((reply) => reply ?? INTERNAL);
  } catch (error) {
    const reply = failure(relay, error);
    return batch.map(() => reply);
  }
}

/** Why one command of a batch is not handled; null when it is. */
function refusalOf(relay: Relay, sender: Sender, incoming: Incoming, found: Item<QueueRecord | null>): Telling | null {
  if (found instanceof StoreError) return failure(relay, found);
  const refusal = authorize(relay, sender, incoming, found);
  return refusal === null ? null : errorReply(refusal);
}
