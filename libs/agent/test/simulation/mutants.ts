/** Agents with a mistake each, to see that their lives show it. */

export interface Mutant {
  readonly name: string;
  /** Of libs/agent. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Part of the names of the troubles that show it. */
  readonly kind: string;
}

const mutant = (name: string, file: string, [find, replace]: readonly [find: string, replace: string], kind = 'everything'): Mutant => ({ name, file, find, replace, kind });

export const MUTANTS: readonly Mutant[] = [
  mutant('a ratchet that is not stored with what it has encrypted', 'src/messages/seal.ts', ["step.put('ratchet', connection.connectionId, next);", '']),
  mutant('a ratchet that is not stored with what it has read', 'src/messages/open.ts', ["step.put('ratchet', connectionId, opened.ratchet);", '']),
  mutant('keys of missing messages that are not stored', 'src/messages/open.ts', ['storeSkipped(step, of, opened.skipped);', ''], 'queues that move'),
  mutant('keys of missing messages that are not forgotten when used', 'src/messages/open.ts', ['if (opened.used !== null) removeSkipped(step, of, opened.used);', ''], 'queues that move'),
  mutant('former ratchets that are not kept', 'src/resync/resync.ts', ['setAside(step, connectionId);', ''], 'renewed'),
  mutant('former ratchets that say the present one fits', 'src/messages/take-message.ts', [' && !isFormer', ''], 'renewed'),
  mutant('sending while keys are renewed', 'src/messages/seal.ts', ["sync !== 'ok' && sync !== 'allowed'", 'false'], 'renewed'),
  mutant('an acknowledgement before the application has the message', 'src/messages/receive.ts', ['if (event === null) step.do', 'if (event !== undefined) step.do'], 'deaths'),
  mutant('a message told twice by the relay is not known', 'src/messages/receive.ts', ['Buffer.compare(last.relayMessageId, reply.msgId) === 0', 'false']),
  mutant('a message sent twice is not known', 'src/messages/take-message.ts', ["step.put('seen', seenKey, step.now);", '']),
  mutant('lanes that do the last first', 'src/messages/lanes.ts', ["records.list('task', `${lane}/`, 1)[0]", "records.list('task', `${lane}/`).at(-1)"]),
  mutant('lanes that do not go on after a restart', 'src/agent.ts', ['this.#lanes.resume();', '']),
  mutant('events that do not come again after a restart', 'src/agent.ts', ['for (const event of events) this.#options.onEvent?.(event);', ''], 'deaths'),
  mutant('no answer counts as done', 'src/messages/perform.ts', [": { result: 'again', pace: 'fast' };", ': DONE;']),
  mutant('a full queue counts as done', 'src/messages/perform.ts', ["if (error.type === 'QUOTA') return { result: 'again', pace: 'slow', isFull: true };", "if (error.type === 'QUOTA') return DONE;"], 'full'),
  mutant('the trouble of a store counts as the last word', 'src/messages/perform.ts', ["if (error.type === 'STORE') return { result: 'again', pace: 'slow' };", ''], 'stores'),
  mutant('what came with a lost answer is not asked for', 'src/messages/perform.ts', ['context.relays.subscribe([receiving]);', 'void 0;']),
  mutant('tasks that take the place of others', 'src/records/typed-records.ts', ["this.put('counter', 'task', number);", '']),
  mutant('what waits for an old queue is dropped', 'src/rotation/peer-queue.ts', ['moveTasks(step, old.queueId, queueId);', ''], 'move'),
  mutant('an old queue is deleted at once', 'src/rotation/own-queue.ts', ['if (isHeld || isMissing) continue;', ''], 'move'),
  mutant('a queue that is added is not used', 'src/messages/seal.ts', ['.filter(takesMessages)) {', '.filter(takesMessages).slice(0, 1)) {'], 'gone'),
  mutant('what fails at one queue fails', 'src/messages/perform.ts', ['record.task.isTold === true', 'false'], 'gone'),
  mutant('a store that keeps half of a commit', 'test/simulation/sim-store.ts', ['of this.#undo.reverse()) undo();', 'of this.#undo.reverse().slice(2)) undo();']),
];
