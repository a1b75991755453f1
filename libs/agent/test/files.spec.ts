/** Files over a real file server (agent §7, XFTP §8): sent, received and deleted, whatever dies in between. */
import { join } from 'node:path';
import { Agent, type AgentFilesOptions, type FileEvent, type FileRecord } from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import { type DataFolder, openFolder, type ServerNode, startFileServerNode } from '@polyplex/local-cluster';
import { parseAddress } from '@polyplex/protocol-common';
import { MemoryFileRoom, MemoryRecordStore } from '@polyplex/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MortalStore, type Mortality } from './support/mortal-store.ts';

let folder: DataFolder;
let server: ServerNode;
beforeAll(async () => {
  folder = await openFolder(undefined, 'agent-files');
  server = await startFileServerNode({ folder: folder.path });
});
afterAll(async () => {
  await server.stop();
  await folder.remove();
});

/** Bytes that are nowhere the same. */
function contentOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8) * 13 + (i >> 16) * 31) & 255);
}

/** An agent without relays, which goes on from its records and its room when its process has died. */
class FileAgent {
  readonly records = new MemoryRecordStore();
  readonly room = new MemoryFileRoom();
  lives = 0;
  agent!: Agent;
  readonly progress = new Set<string>();
  readonly #mortality: Mortality | null;
  readonly #files: Partial<AgentFilesOptions>;

  constructor(mortality: Mortality | null = null, files: Partial<AgentFilesOptions> = {}) {
    this.#mortality = mortality;
    this.#files = files;
    this.live();
  }

  live(): void {
    this.lives++;
    this.agent = new Agent({
      store: new MortalStore(this.records, this.#mortality),
      servers: [],
      openRelays: () => ({ requester: () => Promise.reject(new Error('none')), subscribe: () => undefined, forget: () => undefined, close: () => undefined }),
      onFailure: () => this.live(),
      files: {
        room: this.room,
        servers: [parseAddress(server.address)!],
        lines: { attempts: 2, backoff: { initialMs: 1, maxMs: 1 } },
        inStep: (event, step) => step.records.put('event', String(step.records.list('event', '').length), event),
        onProgress: (fileId, { phase }) => void this.progress.add(`${fileId} ${phase}`),
        ...this.#files,
      },
    });
    this.agent.start();
  }

  die(): void {
    this.agent.close();
    this.live();
  }

  get events(): FileEvent[] {
    return this.agent.read((records) => records.list('event', '').map(({ value }) => value as FileEvent));
  }

  async next<T extends FileEvent['type']>(type: T): Promise<Extract<FileEvent, { type: T }>> {
    await expect.poll(() => this.events.map((event) => event.type), { timeout: 20_000 }).toContain(type);
    return this.events.find((event) => event.type === type) as Extract<FileEvent, { type: T }>;
  }

  /** What is left of transfers, beside the records of the files themselves. */
  get leftovers(): string[] {
    const records = [...this.records.records.keys()].filter((key) => key.startsWith('file-'));
    return [...records, ...this.room.work.keys(), ...this.room.parts.keys()];
  }
}

const agents: FileAgent[] = [];
afterEach(() => {
  for (const { agent } of agents.splice(0)) agent.close();
});

function fileAgent(...options: ConstructorParameters<typeof FileAgent>): FileAgent {
  const made = new FileAgent(...options);
  agents.push(made);
  return made;
}

async function sent(agent: FileAgent, content: Uint8Array): Promise<{ readonly fileId: string; readonly description: string }> {
  const fileId = await agent.agent.sendFile({ name: 'photo.jpg', bytes: content });
  const { descriptions } = await agent.next('file-sent');
  return { fileId, description: descriptions[0]! };
}

const same = (a: Uint8Array | undefined, b: Uint8Array): boolean => a !== undefined && Buffer.compare(a, b) === 0;

describe.each([['of the room'], ['of bytes']])('a file %s', (from) => {
  test('is sent to many, and received by each, with progress and without leftovers', async () => {
    const [a, b, c] = [fileAgent(), fileAgent(), fileAgent()];
    const content = contentOf(300_000);
    a.room.files.set('/home/photo.jpg', content);
    const fileId = await a.agent.sendFile(from === 'of bytes' ? { name: 'photo.jpg', bytes: content } : { path: '/home/photo.jpg' }, { recipients: 2 });
    const { descriptions } = await a.next('file-sent');
    expect([descriptions.length, a.agent.files().map(({ state }) => state), a.progress]).toEqual([2, ['sent'], new Set([`${fileId} encrypting`, `${fileId} uploading`])]);
    for (const [i, receiver] of [b, c].entries()) {
      const received = await receiver.agent.receiveFile(descriptions[i]!, { folder: '/inbox' });
      expect(await receiver.next('file-received')).toEqual({ type: 'file-received', fileId: received, path: '/inbox/photo.jpg', size: content.length });
      expect(same(receiver.room.files.get('/inbox/photo.jpg'), content)).toBe(true);
      expect(receiver.progress).toEqual(new Set([`${received} downloading`, `${received} decrypting`]));
      await expect.poll(() => receiver.leftovers).toEqual([]);
    }
    await expect.poll(() => a.leftovers).toEqual([]);
  });
});

const MORTALITIES: readonly Mortality[] = [...[2, 3, 5].map((at) => ({ at, keeps: false })), ...[1, 2, 4].map((at) => ({ at, keeps: true }))];

test.each(MORTALITIES)('a transfer goes on after its process has died, and is told of once: %o', async (mortality) => {
  const [a, b] = [fileAgent(mortality), fileAgent(mortality)];
  const content = contentOf(700_000);
  a.room.files.set('/home/photo.jpg', content);
  while (a.agent.files().length === 0) await a.agent.sendFile({ path: '/home/photo.jpg' }).catch(() => a.die());
  const { descriptions: [description] } = await a.next('file-sent');
  while (b.agent.files().length === 0) await b.agent.receiveFile(description!, { folder: '/inbox' }).catch(() => b.die());
  const { path } = await b.next('file-received');
  expect(same(b.room.files.get(path), content)).toBe(true);
  expect([a.events.length, b.events.length]).toEqual([1, 1]);
  for (const { lives } of [a, b]) expect(lives).toBeGreaterThan(1);
  for (const agent of [a, b]) {
    agent.die();
    await expect.poll(() => agent.leftovers).toEqual([]);
  }
}, 60_000);

test('what is sent or received while the server is away goes on when it is back', async () => {
  const [a, b] = [fileAgent(), fileAgent()];
  await server.kill();
  await a.agent.sendFile({ name: 'x', bytes: contentOf(1000) });
  await server.restart();
  const { descriptions } = await a.next('file-sent');
  await server.kill();
  await b.agent.receiveFile(descriptions[0]!, { folder: '/inbox' });
  await server.restart();
  expect((await b.next('file-received')).size).toBe(1000);
});

describe('deleting', () => {
  test('a file that was sent takes it from its servers', async () => {
    const [a, b] = [fileAgent(), fileAgent()];
    const { fileId, description } = await sent(a, contentOf(1000));
    await a.agent.deleteFile(fileId);
    await expect.poll(() => a.agent.files()).toEqual([]);
    await b.agent.receiveFile(description, { folder: '/inbox' });
    expect((await b.next('file-failed')).reason).toBe('AUTH');
    expect(b.agent.files()).toMatchObject([{ state: 'failed', reason: 'AUTH' }] satisfies Partial<FileRecord>[]);
    await expect.poll(() => [...a.leftovers, ...b.leftovers]).toEqual([]);
    await b.agent.deleteFile(b.agent.files()[0]!.fileId);
    expect(b.agent.files()).toEqual([]);
  });

  test('what is under way gives it up, wherever it is', async () => {
    const source = fileAgent();
    const { description } = await sent(source, contentOf(700_000));
    for (const [phase, begin] of [
      ['encrypting', (agent: Agent) => agent.sendFile({ name: 'x', bytes: contentOf(700_000) })],
      ['uploading', (agent: Agent) => agent.sendFile({ name: 'x', bytes: contentOf(700_000) })],
      ['downloading', (agent: Agent) => agent.receiveFile(description, { folder: '/inbox' })],
    ] as const) {
      const a: FileAgent = fileAgent(null, { onProgress: (fileId, progress) => {
        if (progress.phase === phase && a.progress.size === 0) {
          a.progress.add(phase);
          void a.agent.deleteFile(fileId);
        }
      } });
      await begin(a.agent);
      await expect.poll(() => a.agent.files(), { timeout: 10_000 }).toEqual([]);
      await expect.poll(() => a.leftovers).toEqual([]);
      expect([a.events, [...a.room.files.keys()], a.progress]).toEqual([[], [], new Set([phase])]);
    }
  }, 60_000);
});

describe('what cannot be', () => {
  test('is told once, and leaves nothing', async () => {
    const reasonOf = async (begin: (agent: Agent) => Promise<string>, files: Partial<AgentFilesOptions> = {}): Promise<string> => {
      const a = fileAgent(null, files);
      await begin(a.agent);
      const { reason } = await a.next('file-failed');
      await expect.poll(() => a.leftovers).toEqual([]);
      expect(a.events.length).toBe(1);
      return reason;
    };
    const source = fileAgent();
    const { fileId } = await sent(source, contentOf(10));
    const record = source.agent.files().find((file) => file.fileId === fileId);
    const sender = record?.state === 'sent' ? record.sender : '';
    expect(await reasonOf((agent) => agent.sendFile({ path: '/nowhere' }))).toBe('NO_FILE');
    expect(await reasonOf((agent) => agent.sendFile({ name: 'x', bytes: utf8('x') }, { recipients: 0 }))).toBe('PLAN');
    expect(await reasonOf((agent) => agent.sendFile({ name: 'x', bytes: utf8('x') }), { servers: [] })).toBe('PLAN');
    expect(await reasonOf((agent) => agent.receiveFile('party: nobody', { folder: '/inbox' }))).toBe('DESCRIPTION');
    expect(await reasonOf((agent) => agent.receiveFile(sender, { folder: '/inbox' }))).toBe('PARTY');
  });

  test('is refused where it is known at once', async () => {
    const a = fileAgent();
    await expect(a.agent.sendFile({ name: 'x', bytes: new Uint8Array(9_000_000) })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(a.agent.receiveFile('x'.repeat(2_000_000), { folder: '/' })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    const none = new Agent({ store: new MemoryRecordStore(), servers: [], openRelays: () => ({ requester: () => Promise.reject(new Error('none')), subscribe: () => undefined, forget: () => undefined, close: () => undefined }) });
    await expect(none.sendFile({ path: join('/', 'x') })).rejects.toMatchObject({ code: 'PROHIBITED' });
    await expect(none.receiveFile('x', { folder: '/' })).rejects.toMatchObject({ code: 'PROHIBITED' });
    none.close();
    await a.agent.deleteFile('unknown');
    expect([a.agent.files(), a.leftovers]).toEqual([[], []]);
  });
});

test('a work file that nobody needs is taken away at the start', async () => {
  const a = fileAgent();
  a.agent.close();
  await a.room.open('left-behind');
  a.live();
  await expect.poll(() => a.leftovers).toEqual([]);
});
