/** What a failed check of a file server says, by step and cause. */
import { CodedError } from '@polyplex/base';
import { XftpClientError, type XftpClientErrorCode, XftpRefusedError } from '@polyplex/client';
import { DialError, type DialErrorCode } from '@polyplex/transport-tls';
import { describe, expect, it } from 'vitest';
import { fileVerdictOf } from './file-verdict.ts';

/** `successes`: steps before the one that failed. */
function verdict(failure: unknown, successes = 0, hasPassword = false) {
  const step = (each: unknown) => ({ name: 'step', milliseconds: 1, failure: each });
  return fileVerdictOf({ steps: [...Array.from({ length: successes }, () => step(null)), step(failure)] }, hasPassword);
}

function dialed(code: XftpClientErrorCode, cause: DialErrorCode, text = ''): XftpClientError {
  return new XftpClientError(code, 'the connection failed', { cause: new DialError(cause, text) });
}

const CHAIN = 'the server\'s certificates are not acceptable: ';

describe('another server answers', () => {
  it('when its CA, or the identity in its hello, is another one', () => {
    expect(verdict(dialed('IDENTITY', 'IDENTITY', `${CHAIN}unknown-ca`)).exitCode).toBe(4);
    expect(verdict(new XftpClientError('IDENTITY', 'another identity')).exitCode).toBe(4);
  });

  it.each([
    ['its certificate has expired', dialed('IDENTITY', 'IDENTITY', `${CHAIN}expired`), /expired.*must renew/],
    ['it speaks other versions', new XftpClientError('VERSION', 'none in common'), /other versions/],
    ['it speaks no TLS', dialed('NETWORK', 'TLS'), /does not speak TLS/],
    ['its hello is wrong', new XftpClientError('HANDSHAKE', 'wrong'), /^$/],
  ])('is not said when %s', (_name, failure, advice) => {
    expect(verdict(failure)).toEqual({ exitCode: 1, advice: expect.stringMatching(advice) });
  });
});

it('it cannot be reached when there is no connection at all, and only then', () => {
  for (const failure of [dialed('TIMEOUT', 'TIMEOUT'), dialed('NETWORK', 'NETWORK'), new XftpClientError('HOST', 'no host')]) expect(verdict(failure).exitCode).toBe(3);
  expect(verdict(dialed('NETWORK', 'NETWORK'), 1)).toEqual({ exitCode: 1, advice: expect.stringContaining('silent or hung up') });
  expect(verdict(new XftpClientError('TIMEOUT', 'no answer'), 3)).toEqual({ exitCode: 1, advice: expect.stringContaining('silent or hung up') });
});

describe('a refusal', () => {
  it('of a new file is one of the password, if it can be', () => {
    const refused = new XftpRefusedError({ type: 'AUTH' });
    expect(verdict(refused, 2).advice).toContain('may need a password');
    expect(verdict(refused, 2, true).advice).toContain('the right one');
    expect(verdict(refused, 3, true)).toEqual({ exitCode: 1, advice: '' });
  });

  it.each([['QUOTA', /no room/], ['FILE_IO', /in the log/], ['TIMEOUT', /too long/], ['INTERNAL', /^$/]] as const)('%s says what to do', (type, advice) => {
    expect(verdict(new XftpRefusedError({ type }), 3)).toEqual({ exitCode: 1, advice: expect.stringMatching(advice) });
  });
});

it('what is not known to be anything else is a server that misbehaves', () => {
  expect(verdict(new CodedError('X', 'x'), 3)).toEqual({ exitCode: 1, advice: '' });
  expect(fileVerdictOf({ steps: [{ name: 'step', milliseconds: 1, failure: null }] }, false)).toEqual({ exitCode: 0, advice: '' });
});
