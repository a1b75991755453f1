/** The store log of the reference's file server (XFTP §5.8): what a real one wrote, and every line that is wrong. */
import { readFileSync } from 'node:fs';
import { toBase64Url, utf8 } from '@polyplex/base';
import { describe, expect, test } from 'vitest';
import type { LineFault } from '../src/index.ts';
import { eachLine } from '../src/text-log/log-lines.ts';
import { anyFile, anyRecipient, fack, fadd, fblk, fdel, fnew, fput, HOUR, keyText, readBytes, readLines, unique } from './log-lines.ts';

interface ExpectedChunk {
  readonly senderId: string;
  readonly senderKey: string;
  readonly size: number;
  readonly sha256: string;
  readonly createdAt: number;
  readonly file: string;
  readonly recipients: readonly { readonly recipientId: string; readonly key: string; readonly acknowledged: boolean }[];
}

const vector = (name: string): Buffer => readFileSync(new URL(`vectors/xftp-server/${name}`, import.meta.url));

describe('a log that the reference wrote', () => {
  test('comes to the files that it tells of, in chunks of any size', async () => {
    const { chunks } = JSON.parse(vector('expected.json').toString()) as { readonly chunks: readonly ExpectedChunk[] };
    for (const chunkBytes of [1, 7, 1000, 65_536]) {
      const { log, files, bad } = await readBytes(vector('file-server-store.txt'), chunkBytes);
      expect(bad).toEqual([]);
      expect(log).toMatchObject({ lines: 11, fileCount: 3, recipientCount: 2, bodies: { count: 3, bytes: 3 * 65_536 } });
      expect(files.map(({ file, body, recipients }) => ({
        senderId: toBase64Url(file.senderId), senderKey: keyText(file.senderKey), size: file.size, sha256: toBase64Url(file.digest),
        createdAt: file.createdAt, status: file.status, file: `files/${String(body)}`,
        recipients: recipients.map(({ recipientId, recipientKey }) => ({ recipientId: toBase64Url(recipientId), key: keyText(recipientKey), acknowledged: false })),
      }))).toEqual(chunks.map(({ recipients, senderId, senderKey, size, sha256, createdAt, file }) => ({
        senderId, senderKey, size, sha256, createdAt, status: { state: 'active' }, file, recipients: recipients.filter(({ acknowledged }) => !acknowledged),
      })));
    }
  });

  test('and the example of the sheet', async () => {
    const { files, bad } = await readLines([
      'FNEW oaGhoaGhoaGhoaGhoaGhoQ== MCowBQYDK2VwAyEAiojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w= 65536 3qahRwkLvVUC3Fd61JXa58GCT-i-vatJ2mF6ODcL7LA= 1782000000 active',
      'FADD oaGhoaGhoaGhoaGhoaGhoQ== srKysrKysrKysrKysrKysg==:MCowBQYDK2VwAyEAgTl3Dqh9F19Wo1Rmw0x-zMuNipG07jeiXfYPW4_Js5Q=',
      'FPUT oaGhoaGhoaGhoaGhoaGhoQ== L3Nydi94ZnRwL2ZpbGVzL29hR2hvYUdob2FHaG9hR2hvYUdob1E9PQ==',
    ]);
    expect(bad).toEqual([]);
    expect(files).toMatchObject([{ line: 1, body: 'oaGhoaGhoaGhoaGhoaGhoQ==', file: { senderId: new Uint8Array(16).fill(0xa1), createdAt: HOUR }, recipients: [{ recipientId: new Uint8Array(16).fill(0xb2) }] }]);
  });
});

describe('records', () => {
  test('keep ids, keys and digests of every length', async () => {
    const records = [
      anyFile({ senderId: unique(4), digest: unique(255), size: 0xffff_ffff }), anyFile({ senderId: unique(255), senderKey: { kind: 'ed448', raw: unique(57) } }),
      anyFile({ senderKey: { kind: 'x25519', raw: unique(32) }, digest: unique(4), size: 1, createdAt: 0 }),
    ];
    const recipients = [{ ...anyRecipient(), recipientId: unique(200) }, { ...anyRecipient(), recipientKey: { kind: 'ed448' as const, raw: unique(57) } }];
    const { files, bad } = await readLines([...records.map((file) => fnew(file)), fadd(records[1]!.senderId, recipients)]);
    expect(bad).toEqual([]);
    expect(files.map(({ file }) => file)).toEqual(records.map((file) => ({ ...file, status: { state: 'active' } })));
    expect(files[1]!.recipients).toEqual(recipients);
  });

  test('of old logs have no status, ids without padding, times within an hour', async () => {
    const file = anyFile({ createdAt: HOUR + 1234 });
    const { files, bad } = await readLines([fnew(file).replaceAll('=', ''), fput(file.senderId).replaceAll('=', '')]);
    expect(bad).toEqual([]);
    expect(files).toMatchObject([{ file: { ...file, createdAt: HOUR, status: { state: 'active' } }, body: toBase64Url(file.senderId) }]);
  });

  test.each([['/srv/xftp/files/a b', 'a b'], ['plain', 'plain'], ['/a/b//c', 'c'], ['/ä/ö', 'ö']])('find the body of %s by its last part', async (path, name) => {
    const file = anyFile();
    const { files } = await readLines([fnew(file), fput(file.senderId, path)]);
    expect(files[0]!.body).toBe(name);
  });

  test('are blocked for a reason, and have no body then', async () => {
    const [before, after, now] = [anyFile(), anyFile(), anyFile()];
    const { files, bad } = await readLines([
      fnew(before, { state: 'blocked', info: { reason: 'content', notice: { ttl: 60 } } }), fput(before.senderId),
      fnew(after), fput(after.senderId), fblk(after.senderId, 'reason=spam,notice={ "ttl": null }'),
      fnew(now, { state: 'off' }), fput(now.senderId), fblk(now.senderId, 'reason=spam'), fblk(now.senderId, 'reason=content'),
    ]);
    expect(files.map(({ file: { status }, body }) => ({ status, body }))).toEqual([
      { status: { state: 'blocked', info: { reason: 'content', notice: { ttl: 60 } } }, body: null },
      { status: { state: 'blocked', info: { reason: 'spam', notice: { ttl: null } } }, body: null },
      { status: { state: 'blocked', info: { reason: 'content', notice: null } }, body: null },
    ]);
    expect(bad).toEqual([{ line: 2, fault: 'NOT_ACTIVE', loses: false }, { line: 7, fault: 'NOT_ACTIVE', loses: false }]);
  });

  test('that are removed are gone with their recipients, and may come again', async () => {
    const [file, recipient, other] = [anyFile(), anyRecipient(), anyRecipient()];
    const again = anyFile({ senderId: file.senderId });
    const { log, files, bad } = await readLines([
      fnew(file), fadd(file.senderId, [recipient, other]), fput(file.senderId, '/x/other'), fdel(file.senderId), fack(recipient.recipientId),
      fnew(again), fadd(again.senderId, [other]), fput(again.senderId),
    ]);
    expect(bad).toEqual([{ line: 5, fault: 'NO_RECIPIENT', loses: false }]);
    expect(files).toMatchObject([{ line: 6, file: again, body: toBase64Url(file.senderId), recipients: [other] }]);
    expect(log).toMatchObject({ fileCount: 1, recipientCount: 1 });
  });
});

describe('a line that is wrong', () => {
  const [file, recipient] = [anyFile(), anyRecipient()];
  const id = toBase64Url(file.senderId);
  const base = fnew(file);
  const part = (at: number, text: string): string => base.split(' ').map((field, i) => (i === at ? text : field)).join(' ');
  const wrong: readonly (readonly [line: string, fault: LineFault])[] = [
    ['', 'WORD'], ['FNEX a', 'WORD'], ['fnew', 'WORD'], [' FDEL x', 'WORD'], ['constructor', 'WORD'], ['__proto__ x', 'WORD'],
    ['FNEW', 'FIELDS'], [base.split(' ').slice(0, 5).join(' '), 'FIELDS'], [base.replace(' ', '  '), 'TIME'], [part(1, ''), 'ID'], [part(1, '=='), 'ID'],
    [part(1, 'a+b/'), 'ID'], [part(1, 'abcde'), 'ID'], [part(1, toBase64Url(new Uint8Array(256))), 'ID'],
    [part(2, 'AAAA'), 'KEY'], [part(2, keyText({ kind: 'x448', raw: unique(56) })), 'KEY'], [part(2, '?'), 'KEY'],
    [part(3, '0'), 'SIZE'], [part(3, '-1'), 'SIZE'], [part(3, '64kb'), 'SIZE'], [part(3, '4294967296'), 'SIZE'], [part(3, '1e3'), 'SIZE'], [part(3, ''), 'SIZE'],
    [part(4, ''), 'DIGEST'], [part(4, '*'), 'DIGEST'], [part(4, toBase64Url(new Uint8Array(256))), 'DIGEST'],
    [part(5, 'now'), 'TIME'], [part(5, '-3600'), 'TIME'], [part(5, '99999999999999999999'), 'TIME'], [part(5, '999999999999999'), 'TIME'],
    [`${base} `, 'STATUS'], [`${base} idle`, 'STATUS'], [`${base} active `, 'STATUS'], [`${base} blocked`, 'STATUS'], [`${base} blocked,reason=other`, 'STATUS'],
    [`${base} blocked,reason=spam,notice={`, 'STATUS'], [`${base} blocked,reason=spam,notice={"ttl":"x"}`, 'STATUS'], [`${base}\r`, 'TIME'],
    [`FADD ${id}`, 'FIELDS'], [`FADD ${id} `, 'ID'], [`FADD ${id} x`, 'ID'], [`FADD ${id} AAAA`, 'KEY'], [`FADD ${id} AAAA:BBBB`, 'KEY'],
    [`${fadd(file.senderId, [recipient])},`, 'ID'], [`${fadd(file.senderId, [recipient])}:x`, 'FIELDS'], [`${fadd(file.senderId, [recipient])} x`, 'FIELDS'],
    [`FPUT ${id}`, 'FIELDS'], [`FPUT ${id} `, 'PATH'], [fput(file.senderId, '/a/'), 'PATH'], [fput(file.senderId, '/a/..'), 'PATH'], [fput(file.senderId, '.'), 'PATH'],
    [fput(file.senderId, '/a/b\0c'), 'PATH'], [`FPUT ${id} /srv/xftp`, 'PATH'],
    ['FDEL', 'FIELDS'], ['FDEL ', 'ID'], [`FDEL ${id} x`, 'FIELDS'], ['FACK', 'FIELDS'], ['FACK *', 'ID'],
    [`FBLK ${id}`, 'FIELDS'], [`FBLK ${id} reason=no`, 'BLOCKING'], [`FBLK * reason=spam`, 'ID'], [`FBLK ${id} reason=spam,notice=1`, 'BLOCKING'],
  ];

  test.each(wrong)('%j is told as %s, and changes nothing', async (line, fault) => {
    const kept = anyFile();
    const { files, bad, log } = await readLines([fnew(kept), line, fput(kept.senderId)]);
    expect(bad).toEqual([{ line: 2, fault, loses: true }]);
    expect(files).toMatchObject([{ file: kept, body: toBase64Url(kept.senderId) }]);
    expect(log.lines).toBe(3);
  });

  test('because of what went before is told, too', async () => {
    const made = anyFile();
    const [one, two, three] = [anyRecipient(), anyRecipient(), anyRecipient()];
    const { files, bad } = await readLines([
      fnew(made), fnew({ ...anyFile(), senderId: made.senderId }), fadd(made.senderId, [one, two]), fadd(made.senderId, [two, three, three]),
      fput(made.senderId), fput(made.senderId, 'other'), fadd(unique(16), [anyRecipient()]), fput(unique(16)), fdel(unique(16)), fblk(unique(16), 'reason=spam'),
      fack(made.senderId), fdel(one.recipientId), fack(one.recipientId), fack(one.recipientId),
    ]);
    expect(bad.map(({ line, fault, loses }) => [line, fault, loses])).toEqual([
      [2, 'REPEATED', true], [4, 'TAKEN', true], [6, 'HAS_BODY', false], [7, 'NO_FILE', true], [8, 'NO_FILE', true], [9, 'NO_FILE', false], [10, 'NO_FILE', false],
      [11, 'NO_RECIPIENT', false], [12, 'NO_FILE', false], [14, 'NO_RECIPIENT', false],
    ]);
    expect(files).toMatchObject([{ file: made, body: toBase64Url(made.senderId), recipients: [two, three] }]);
  });
});

describe('lines', () => {
  const linesOf = async (parts: readonly string[], maxBytes: number): Promise<(string | null)[]> => {
    const lines: (string | null)[] = [];
    await eachLine((async function* () { for (const part of parts) yield utf8(part); })(), (text, line) => {
      lines.push(text);
      expect(line).toBe(lines.length);
    }, maxBytes);
    return lines;
  };

  test.each([1, 2, 3, 5, 100])('too long are passed over by their number, in chunks of %i bytes', async (chunkBytes) => {
    const text = 'abcd\n\nabcde\nab\nabcdefghijklmnop\nabcd\nlast';
    const parts = Array.from({ length: Math.ceil(text.length / chunkBytes) }, (_, i) => text.slice(i * chunkBytes, (i + 1) * chunkBytes));
    expect(await linesOf(parts, 4)).toEqual(['abcd', '', null, 'ab', null, 'abcd', 'last']);
    expect(await linesOf(parts, 100)).toEqual(text.split('\n'));
  });

  test('of nothing are none', async () => {
    expect(await linesOf([], 4)).toEqual([]);
    expect(await linesOf(['\n'], 4)).toEqual(['']);
  });

  test('that come to memory which is used again are whole', async () => {
    const chunk = utf8('....');
    const reused = async function* (): AsyncGenerator<Uint8Array> {
      for (const text of ['abcd', 'ef\ng', 'hij\n']) {
        chunk.set(utf8(text));
        yield chunk;
      }
    };
    const lines: (string | null)[] = [];
    await eachLine(reused(), (text) => lines.push(text));
    expect(lines).toEqual(['abcdef', 'ghij']);
  });
});
