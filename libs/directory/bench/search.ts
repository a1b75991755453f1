/**
 * What a directory of many groups costs: loading its index, its memory, and searches of several kinds from question to answers, as CPU time of the
 * main thread in milliseconds. Groups and records are in the embedded store; only the sending of answers is left out, which costs what it costs the agent.
 * Prints one JSON object a line. Usage: node --expose-gc libs/directory/bench/search.ts [groups…]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chat, type ChatEvent, type ChatStep, type Contact } from '@polyplex/chat';
import { randomBytes } from '@polyplex/crypto';
import { openRecordStore } from '@polyplex/store-embedded';
import { Directory, makeListing } from '../src/index.ts';
import { addListedGroups } from './many-groups.ts';

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 10_000];
const ROUNDS = 20;
const AT_ONCE = 500;
const LISTED_AT_ONCE = 50;
const NOWHERE = { requester: () => Promise.reject(new Error('nowhere')), subscribe: () => undefined, forget: () => undefined, close: () => undefined };
const ASKER: Contact = {
  contactId: 1, connectionId: null, requestId: null, status: 'ready', profile: { displayName: 'bob', fullName: '' }, localName: 'bob', versions: { min: 1, max: 17 },
  delivery: { authErrors: 0, quotaErrors: 0 }, createdAt: 0,
};

/** With links for groups, which lead nowhere. */
class Linking extends Chat {
  async link(groupIds: readonly number[]): Promise<void> {
    await this.inside((step) => {
      for (const groupId of groupIds) step.updateGroup(groupId, { link: { connectionId: 'x', groupLinkId: 'x', role: 'member', ...linksTo() } });
    });
  }
}

function linksTo(): { readonly fullLink: string; readonly shortLink: string } {
  const [id, key, hash] = [24, 44, 32].map((length) => Buffer.from(randomBytes(length)).toString('base64url')) as [string, string, string];
  return {
    fullLink: `https://simplex.chat/contact#/?v=2-7&smp=smp%3A%2F%2F${hash}%40smp1.example%2F${id}%23%2F%3Fv%3D1-4%26dh%3D${key}&data=%7B%22type%22%3A%22group%22%7D`,
    shortLink: `https://smp1.example/g#${hash}`,
  };
}

/** The step of a chat client, which counts what it is told to send. */
class Counting {
  messages = 0;
  bytes = 0;

  of(step: ChatStep): ChatStep {
    return new Proxy(step, {
      get: (target, name) => {
        if (name === 'sendToContact') return (_contactId: number, content: unknown) => this.#sent(content);
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  #sent(content: unknown): string {
    this.messages += 1;
    this.bytes += Buffer.byteLength(JSON.stringify(content));
    return 'sent';
  }
}

function cpuOf<T>(work: () => T): { readonly result: T; readonly milliseconds: number } {
  const began = process.threadCpuUsage();
  const result = work();
  const { user, system } = process.threadCpuUsage(began);
  return { result, milliseconds: (user + system) / 1000 };
}

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
const rounded = (number: number): number => Math.round(number * 100) / 100;

async function searches(chat: Chat, directory: Directory, text: string): Promise<object> {
  const counting = new Counting();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const event: ChatEvent = { type: 'direct-message', contact: ASKER, message: { msgId: 'bXNn', at: '2026-01-01T00:00:00Z', container: { content: { type: 'text', text } } } };
    await chat.change((step) => {
      times.push(cpuOf(() => directory.onEvent(event, counting.of(step))).milliseconds);
    });
  }
  return { search: text, medianMs: rounded(median(times)), maxMs: rounded(Math.max(...times)), messages: counting.messages / ROUNDS, bytes: Math.round(counting.bytes / ROUNDS) };
}

/** As the bot does: some groups a step. */
async function listing(chat: Chat, groupIds: readonly number[]): Promise<object> {
  const times: number[] = [];
  let entries = 0;
  for (let from = 0; from < groupIds.length; from += LISTED_AT_ONCE) {
    const part = await chat.change((step) => cpuOf(() => makeListing(step, groupIds.slice(from, from + LISTED_AT_ONCE))));
    times.push(part.milliseconds);
    entries += part.result.listing.entries.length;
  }
  return { listingMs: rounded(times.reduce((sum, ms) => sum + ms, 0)), longestStepMs: rounded(Math.max(...times)), entries };
}

async function measure(size: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'directory-bench-'));
  const store = await openRecordStore({ path: join(folder, 'bot'), key: randomBytes(32) });
  // Who asks is a super-user, so that no limit is met.
  const directory = new Directory({ superUsers: [{ contactId: 1, name: 'bob' }] });
  const chat = new Linking({ store, servers: [], openRelays: () => NOWHERE, profile: { displayName: 'bench', fullName: '' }, application: directory });
  for (let number = 1; number <= size; number += AT_ONCE) {
    await chat.link(await chat.change((step) => addListedGroups(step, { from: number, until: Math.min(number + AT_ONCE, size + 1) })));
  }
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const { milliseconds } = await chat.change((step) => cpuOf(() => directory.load(step)));
  globalThis.gc?.();
  const print = (figure: object): void => console.log(JSON.stringify({ groups: size, ...figure }));
  print({ loadMs: rounded(milliseconds), heapBytes: process.memoryUsage().heapUsed - before });
  for (const text of ['rarity', 'garden', 'nothing of the kind', '/all', '/new', '.', '/last']) print(await searches(chat, directory, text));
  print(await listing(chat, directory.listed()));
  chat.close();
  await store.close();
  rmSync(folder, { recursive: true });
}

for (const size of sizes) await measure(size);
