/** Kinds of failures: what servers, links and lines can do, each in the words that a page has for it. */
import { CodedError } from '@polyplex/base';
import { XftpClientError, XftpFileError, XftpRefusedError } from '@polyplex/client';
import { expect, describe, it } from 'vitest';
import { failureOf, isFileFragment, readFragment, receiveWebFile, sendWebFile } from '../src/index.ts';

describe('a failure', () => {
  it.each([
    [new XftpRefusedError({ type: 'AUTH' }), { kind: 'gone' }],
    [new XftpRefusedError({ type: 'NO_FILE' }), { kind: 'unfinished' }],
    [new XftpRefusedError({ type: 'QUOTA' }), { kind: 'quota' }],
    [new XftpRefusedError({ type: 'BLOCKED', info: { reason: 'spam', notice: null } }), { kind: 'blocked', reason: 'spam' }],
    [new XftpRefusedError({ type: 'SESSION' }), { kind: 'network' }],
    [new XftpRefusedError({ type: 'CMD', error: 'SYNTAX' }), { kind: 'server', detail: 'CMD SYNTAX' }],
    [new XftpClientError('NETWORK', ''), { kind: 'network' }],
    [new XftpClientError('TIMEOUT', ''), { kind: 'network' }],
    [new XftpClientError('IDENTITY', ''), { kind: 'identity' }],
    [new XftpClientError('DIGEST', ''), { kind: 'damaged' }],
    [new XftpClientError('SIZE', ''), { kind: 'damaged' }],
    [new XftpFileError('CRYPTO', ''), { kind: 'damaged' }],
    [new XftpFileError('REDIRECT', ''), { kind: 'link' }],
    [new CodedError('BAD_DESCRIPTION', ''), { kind: 'link' }],
    [new TypeError('x is not a function'), { kind: 'broken' }],
    ['a string', { kind: 'broken' }],
  ])('%o', (error, failure) => {
    expect(failureOf(error)).toEqual(failure);
    expect(failureOf(error, AbortSignal.abort())).toEqual({ kind: 'cancelled' });
  });
});

describe('a fragment', () => {
  it.each(['', 'about', 'A'.repeat(50), `${'A'.repeat(60)}!`])('%j is no file\'s', (fragment) => {
    expect([isFileFragment(fragment), readFragment(fragment)]).toEqual([false, null]);
  });

  it('that looks like a file\'s and is none is found out', async () => {
    const fragment = 'A'.repeat(60);
    expect([isFileFragment(fragment), readFragment(fragment)]).toEqual([true, null]);
    await expect(receiveWebFile({ fragment })).rejects.toMatchObject({ code: 'LINK' });
  });
});

describe('a file to send', () => {
  it('needs the address of a file server', async () => {
    const server = 'smp://CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=@localhost';
    await expect(sendWebFile({ file: new Blob([]), name: '', server, password: null })).rejects.toMatchObject({ code: 'SERVER' });
  });

  it('that cannot be read any more is told apart from all else', async () => {
    const file = new Blob(['abc']);
    file.stream = () => new ReadableStream({ pull: (controller) => controller.error(new DOMException('moved', 'NotReadableError')) });
    const server = 'xftp://CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=@localhost';
    const error: unknown = await sendWebFile({ file, name: 'a', server, password: null }).catch((reason: unknown) => reason);
    expect(failureOf(error)).toEqual({ kind: 'file' });
  });
});
