/** Files over a real relay and a real file server (directory §2.6): to contacts, groups and support chats, and descriptions however they come. */
import { join } from 'node:path';
import { DAY, systemClock } from '@polyplex/base';
import type { ChatEvent, ChatStep, OfferedFile } from '@polyplex/chat';
import { type DataFolder, openFolder, type ServerNode, startFileServerNode } from '@polyplex/local-cluster';
import type { FileDescriptionPart } from '@polyplex/protocol-chat';
import { parseAddress } from '@polyplex/protocol-common';
import { MemoryFileRoom } from '@polyplex/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partsOf } from '../src/files/parts.ts';
import { befriend, type ChatClient, type ClientOptions } from './support/chat-client.ts';
import { groupOf } from './support/group-of.ts';
import { withClients } from './support/with-clients.ts';

const clients = withClients();
let folder: DataFolder;
let server: ServerNode;
beforeAll(async () => {
  folder = await openFolder(undefined, 'chat-files');
  server = await startFileServerNode({ folder: join(folder.path, 'files') });
});
afterAll(async () => {
  await server.stop();
  await folder.remove();
});

const CONTENT = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7 + (i >> 8) * 13) & 255);
const VOICE = { type: 'voice', text: '', duration: 3 } as const;
const EMPTY: FileDescriptionPart = { fileDescrText: '', fileDescrPartNo: 0, fileDescrComplete: false };
const OFFER = { fileName: 'a.jpg', fileSize: 10, fileDescr: EMPTY };

function offered(event: ChatEvent): OfferedFile | undefined {
  return event.type === 'direct-message' || event.type === 'group-message' ? event.message.file : undefined;
}

class FileClient {
  readonly room = new MemoryFileRoom();
  readonly client: ChatClient;

  /** Whatever is offered is received, where `takes` does not say otherwise. */
  constructor(name: string, { takes = true, ...options }: Partial<ClientOptions> & { readonly takes?: boolean } = {}) {
    this.client = clients.client(name, {
      files: { room: this.room, servers: [parseAddress(server.address)!], lines: { attempts: 2, backoff: { initialMs: 1, maxMs: 1 } } },
      onEvent: (event: ChatEvent, step: ChatStep) => {
        const file = offered(event);
        if (file !== undefined && takes) step.receiveFile(file.fileId, { folder: '/inbox' });
      },
      ...options,
    });
  }

  async receives(): Promise<Uint8Array | undefined> {
    return this.room.files.get((await this.client.expect('file-received')).path);
  }

  /** What is left of files. */
  get leftovers(): string[] {
    const kinds = ['sent-file', 'offered-file', 'file-part', 'transfer', 'file-age'];
    const kept = this.client.store.read((records) => kinds.flatMap((kind) => records.list(`app:${kind}`, '').map(() => kind)));
    const counters = this.client.store.read((records) => ['offered-files', 'offered-characters'].filter((name) => (records.get('app:counter', name) ?? 0) !== 0));
    return [...kept, ...counters];
  }
}

const same = (a: Uint8Array | undefined): boolean => a !== undefined && Buffer.compare(a, CONTENT) === 0;

describe('a file', () => {
  test('to a contact, by the name and size that it has, and nothing is left of it', async () => {
    const [ann, bob] = [new FileClient('ann'), new FileClient('bob')];
    const { atVisitor } = await befriend(ann.client, bob.client);
    const msgId = await bob.client.change((step) => step.sendToContact(atVisitor, VOICE, { file: { name: 'voice.m4a', bytes: CONTENT } }));
    const { message } = await ann.client.expect('direct-message');
    expect([message.container.content, message.file]).toMatchObject([VOICE, { name: 'voice.m4a', size: CONTENT.length }]);
    expect((await bob.client.expect('file-sent')).file).toEqual({ fileId: msgId, msgId, isOurs: true });
    const { file, path, size } = await ann.client.expect('file-received');
    expect([file, path, size, same(ann.room.files.get(path))]).toEqual([{ fileId: message.file!.fileId, msgId, isOurs: false }, '/inbox/voice.m4a', CONTENT.length, true]);
    expect(ann.leftovers).toEqual([]);
    await bob.client.change((step) => step.deleteFile(msgId));
    expect(bob.leftovers).toEqual([]);
    expect(ann.client.ignored()).toEqual([]);
  });

  test('of the room to a group: each member gets it, and who comes later by the history', async () => {
    const [owner, eve, dan] = [new FileClient('owner'), new FileClient('eve'), new FileClient('dan')];
    const late = [new FileClient('late'), new FileClient('later')];
    const group = await groupOf(owner.client, [{ client: eve.client }, { client: dan.client }], { displayName: 'Files', fullName: '', groupPreferences: { history: { enable: 'on' } } });
    owner.room.files.set('/home/a.jpg', CONTENT);
    await owner.client.change((step) => step.sendToGroup(group.at.get(owner.client)!, { type: 'file', text: 'look' }, { file: { path: '/home/a.jpg', size: CONTENT.length } }));
    expect([await eve.receives(), await dan.receives()].map(same)).toEqual([true, true]);
    for (const one of late) {
      const { atOwner } = await befriend(owner.client, one.client);
      await owner.client.change((step) => step.inviteContact(group.at.get(owner.client)!, atOwner, 'member'));
      expect(same(await one.receives())).toBe(true);
    }
    const [file] = owner.client.store.read((records) => records.list('file', '')).map(({ value }) => value as { readonly descriptions: readonly string[] });
    expect(new Set(file!.descriptions).size).toBe(3);
  });

  test.each([['a small group: each of its members has a description', 5, 3], ['a large group: its members share one', 20, 1]])('to %s', async (_whom, members, descriptions) => {
    const owner = new FileClient('owner');
    const { groupId } = await owner.client.change((step) => step.createGroup({ displayName: 'Many', fullName: '' }));
    await owner.client.chat.inner((step) => {
      for (let i = 0; i < members; i++) {
        step.addMember({
          groupId, memberId: `member${String(i)}`, role: 'member', category: 'invitee', status: i === 4 ? 'unknown' : 'connected', profile: { displayName: `m${String(i)}`, fullName: '' },
          versions: { min: 1, max: 17 }, contactId: null, invitedBy: null,
        });
      }
    });
    await owner.client.change((step) => {
      step.sendToGroup(groupId, { type: 'file', text: '' }, { file: { name: 'a', bytes: CONTENT } });
      step.removeMember(groupId, 3);
    });
    await owner.client.expect('file-sent');
    const waiting = (): string[] => owner.client.store.read((records) => records.list('app:waiting', '').map(({ value }) => (value as { text: string }).text).filter((text) => text.includes('"x.msg.file.descr"')));
    await expect.poll(() => waiting().length).toBe(members - 2);
    expect(new Set(waiting()).size).toBe(descriptions);
  });

  test('in a support chat is for that member alone', async () => {
    const [owner, eve, dan] = [new FileClient('owner'), new FileClient('eve'), new FileClient('dan')];
    const group = await groupOf(owner.client, [{ client: eve.client }, { client: dan.client }]);
    const groupId = group.at.get(owner.client)!;
    await owner.client.change((step) => step.sendToMember(groupId, owner.client.member(groupId, 'eve').memberNumber, VOICE, { file: { name: 'v.m4a', bytes: CONTENT } }));
    expect(same(await eve.receives())).toBe(true);
    expect((await eve.client.expect('group-message')).support).toBe('own');
    await eve.client.change((step) => step.sendToOwnSupport(group.at.get(eve.client)!, VOICE, { file: { name: 'v.m4a', bytes: CONTENT } }));
    expect(same(await owner.receives())).toBe(true);
    expect(dan.client.events.filter(({ type }) => type === 'group-message')).toEqual([]);
    expect(dan.client.chat.counts.events.get('x.msg.file.descr')).toBe(0);
  });

  test('is received when the application asks for it, after a restart', async () => {
    const [ann, bob] = [new FileClient('ann', { takes: false }), new FileClient('bob')];
    const { atVisitor } = await befriend(ann.client, bob.client);
    await bob.client.change((step) => step.sendToContact(atVisitor, VOICE, { file: { name: 'v.m4a', bytes: CONTENT } }));
    const { message: { file } } = await ann.client.expect('direct-message');
    await expect.poll(() => ann.client.chat.counts.events.get('x.msg.file.descr')).toBe(1);
    ann.client.restart();
    await ann.client.change((step) => {
      step.receiveFile(file!.fileId, { folder: '/inbox' });
      step.receiveFile(file!.fileId, { folder: '/elsewhere' });
    });
    expect((await ann.client.expect('file-received')).path).toBe('/inbox/v.m4a');
  });

  test('that cannot be sent, or is taken back, is told of to both', async () => {
    const [ann, bob] = [new FileClient('ann', { takes: false }), new FileClient('bob')];
    const { atVisitor } = await befriend(ann.client, bob.client);
    await bob.client.change((step) => step.sendToContact(atVisitor, VOICE, { file: { path: '/nowhere', size: 3 } }));
    expect((await bob.client.expect('file-failed')).reason).toBe('NO_FILE');
    expect((await ann.client.expect('file-failed')).reason).toBe('CANCELLED');
    const msgId = await bob.client.change((step) => step.sendToContact(atVisitor, VOICE, { file: { name: 'v.m4a', bytes: CONTENT } }));
    await bob.client.expect('file-sent');
    await bob.client.change((step) => step.deleteFile(msgId));
    expect((await ann.client.expect('file-failed')).file).toMatchObject({ msgId, isOurs: false });
    expect([...ann.leftovers, ...bob.leftovers]).toEqual([]);
  });

  test('is forgotten after a week', async () => {
    let skew = 0;
    const later = { clock: { ...systemClock, now: () => Date.now() + skew, every: (_ms: number, work: () => void) => systemClock.every(20, work) } };
    const [ann, bob] = [new FileClient('ann', { takes: false, ...later }), new FileClient('bob', later)];
    const { atVisitor } = await befriend(ann.client, bob.client);
    await bob.client.change((step) => step.sendToContact(atVisitor, VOICE, { file: { name: 'v.m4a', bytes: CONTENT } }));
    await bob.client.expect('file-sent');
    await expect.poll(() => ann.client.chat.counts.events.get('x.msg.file.descr')).toBe(1);
    expect([ann.leftovers.length, bob.leftovers.length]).toEqual([5, 3]);
    skew = 8 * DAY;
    expect((await ann.client.expect('file-failed')).reason).toBe('EXPIRED');
    await expect.poll(() => [...ann.leftovers, ...bob.leftovers]).toEqual([]);
  });

  test('is refused where there is no file room, and passed over', async () => {
    const [ann, bob] = [clients.client('ann'), new FileClient('bob')];
    const { atVisitor, atOwner } = await befriend(ann, bob.client);
    await expect(ann.change((step) => step.sendToContact(atOwner, VOICE, { file: { name: 'v', bytes: CONTENT } }))).rejects.toMatchObject({ name: 'ChatError', code: 'PROHIBITED' });
    await expect(bob.client.change((step) => step.sendToContact(atVisitor, VOICE, { file: { name: 'v', bytes: new Uint8Array(9_000_000) } }))).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await bob.client.change((step) => {
      expect(() => step.sendToContact(atVisitor, { type: 'file', text: 'x'.repeat(16_000) }, { file: { name: 'v', bytes: CONTENT } })).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
    });
    await expect.poll(() => bob.client.store.read((records) => records.list('file', ''))).toEqual([]);
    expect(bob.leftovers).toEqual([]);
    await bob.client.change((step) => step.sendToContact(atVisitor, VOICE, { file: { name: 'v', bytes: CONTENT } }));
    expect((await ann.expect('direct-message')).message.file).toBeUndefined();
    await bob.client.expect('file-sent');
    expect(ann.ignored()).toEqual(['a file, and none are taken']);
  });
});

describe('a description', () => {
  const description = 'not one, but long: '.repeat(2_000);
  const parts = partsOf(description);
  const descr = (fileDescr: FileDescriptionPart) => ({ event: 'x.msg.file.descr', params: { msgId: 'ZmlsZQ', fileDescr } }) as const;

  async function offering(count = 1) {
    const [ann, bob] = [new FileClient('ann'), new FileClient('bob')];
    const { atVisitor } = await befriend(ann.client, bob.client);
    const say = (part: FileDescriptionPart): Promise<void> => bob.client.rawToContact(atVisitor, descr(part));
    for (let i = 0; i < count; i++) await bob.client.rawToContact(atVisitor, { event: 'x.msg.new', params: { content: VOICE, file: OFFER } }, i === 0 ? 'ZmlsZQ' : `ZmlsZQ${String(i).padStart(2, 'A')}`);
    for (let i = 0; i < count; i++) await ann.client.expect('direct-message');
    return { ann, bob, atVisitor, say };
  }

  test('in parts of a bound, numbered, the last complete', () => {
    expect(parts.map(({ fileDescrText, fileDescrPartNo, fileDescrComplete }) => [fileDescrText.length, fileDescrPartNo, fileDescrComplete])).toEqual([[14_000, 1, false], [14_000, 2, false], [10_000, 3, true]]);
    expect(parts.map(({ fileDescrText }) => fileDescrText).join('')).toBe(description);
    expect(partsOf('')).toEqual([{ fileDescrText: '', fileDescrPartNo: 1, fileDescrComplete: true }]);
  });

  test.each([['in disorder', [2, 0, 1]], ['repeated', [0, 0, 1, 1, 0, 2]], ['the last first', [2, 2, 1, 0]]])('%s is read when all of it is here, once', async (_how, order) => {
    const { ann, say } = await offering();
    for (const at of order) await say({ ...parts[at]! });
    await expect.poll(() => ann.client.chat.counts.events.get('x.msg.file.descr')).toBe(order.length);
    // It was taken for a whole one, and is none.
    expect((await ann.client.expect('file-failed')).reason).toBe('DESCRIPTION');
    expect([ann.leftovers, ann.client.ignored()]).toEqual([[], []]);
  });

  test('that cannot be costs nothing, and the right one is still taken', async () => {
    const { ann, bob, atVisitor, say } = await offering();
    const hostile: FileDescriptionPart[] = [
      { fileDescrText: 'x', fileDescrPartNo: 0, fileDescrComplete: true }, { fileDescrText: 'x', fileDescrPartNo: 17, fileDescrComplete: true },
      { fileDescrText: 'x'.repeat(14_001), fileDescrPartNo: 1, fileDescrComplete: true },
    ];
    for (const part of hostile) await say(part);
    await say(parts[1]!);
    await say({ ...parts[0]!, fileDescrComplete: true });
    await bob.client.rawToContact(atVisitor, { event: 'x.msg.file.descr', params: { msgId: 'bm9uZQ', fileDescr: parts[0]! } });
    await expect.poll(() => ann.client.chat.counts.events.get('x.msg.file.descr')).toBe(6);
    expect(ann.client.ignored()).toEqual(Array.from({ length: 4 }, () => 'a part of a file description that cannot be'));
    expect(ann.client.events.filter(({ type }) => type === 'file-failed')).toEqual([]);
    await say(parts[2]!);
    await say({ fileDescrText: 'x', fileDescrPartNo: 4, fileDescrComplete: true });
    await say(parts[0]!);
    await ann.client.expect('file-failed');
    expect(ann.client.ignored()).toEqual(['a part of a file description that cannot be']);
    expect(ann.leftovers).toEqual([]);
  });

  test('of more files than one may offer, and of those that go otherwise, is not waited for', async () => {
    const { ann, bob, atVisitor } = await offering(22);
    const say = (file: object): Promise<void> => bob.client.rawToContact(atVisitor, { event: 'x.msg.new', params: { content: VOICE, file: { ...OFFER, ...file } } }, 'b3RoZXI');
    expect([ann.leftovers.filter((kind) => kind === 'offered-file').length, ann.client.ignored()]).toEqual([20, ['too many files are offered', 'too many files are offered']]);
    await say({ fileInline: 'sent' });
    expect((await ann.client.expect('direct-message')).message.file).toBeUndefined();
    expect(ann.client.ignored()).toEqual(['a file that does not go by file servers']);
  });
});
