/** What a failed check says, by step and cause. */
import { CodedError } from '@polyplex/base';
import { RefusedError, SmpClientError, type SmpClientErrorCode } from '@polyplex/client';
import { DialError, type DialErrorCode } from '@polyplex/transport-tls';
import { describe, expect, it } from 'vitest';
import { verdictOf } from './verdict.ts';

/** `successes`: steps before the one that failed. */
function verdict(failure: unknown, successes = 0, hasPassword = false) {
  const step = (each: unknown) => ({ name: 'step', milliseconds: 1, failure: each });
  return verdictOf({ steps: [...Array.from({ length: successes }, () => step(null)), step(failure)] }, hasPassword);
}

function dialed(code: SmpClientErrorCode, cause: DialErrorCode, text = ''): SmpClientError {
  return new SmpClientError(code, 'the connection failed', { cause: new DialError(cause, text) });
}

function transport(error: 'VERSION' | 'BLOCK' | 'HANDSHAKE IDENTITY' | 'HANDSHAKE BAD_AUTH'): SmpClientError {
  return new SmpClientError('TRANSPORT', `transport error: ${error}`, { broker: { type: 'TRANSPORT', error } });
}

const CHAIN = 'the server\'s certificates are not acceptable: ';

describe('another server answers', () => {
  it.each([
    ['its CA is another one', dialed('NETWORK', 'IDENTITY', `${CHAIN}unknown-ca`)],
    ['its hello has another identity', transport('HANDSHAKE IDENTITY')],
  ])('when %s', (_name, failure) => {
    expect(verdict(failure)).toMatchObject({ exitCode: 4, advice: expect.stringContaining('fingerprint') });
  });

  it.each([
    ['its certificate has expired', dialed('NETWORK', 'IDENTITY', `${CHAIN}expired`), /expired.*must renew/],
    ['it speaks other versions', transport('VERSION'), /other versions/],
    ['its hello is signed wrongly', transport('HANDSHAKE BAD_AUTH'), /^$/],
    ['a block cannot be read', transport('BLOCK'), /^$/],
  ])('is not said when %s', (_name, failure, advice) => {
    expect(verdict(failure)).toEqual({ exitCode: 1, advice: expect.stringMatching(advice) });
  });
});

describe('it cannot be reached', () => {
  it.each([
    ['nothing answers', dialed('TIMEOUT', 'TIMEOUT')],
    ['the connection is refused', dialed('NETWORK', 'NETWORK')],
    ['the address has no usable host', new SmpClientError('HOST', 'no host')],
  ])('when %s', (_name, failure) => {
    expect(verdict(failure)).toMatchObject({ exitCode: 3, advice: expect.stringContaining('cannot be reached') });
  });

  it.each([
    ['it hangs up on the second connection', dialed('NETWORK', 'NETWORK'), 1, /silent or hung up/],
    ['it is silent after both', new SmpClientError('TIMEOUT', 'no answer in time'), 2, /silent or hung up/],
    ['it does not shake hands', new SmpClientError('TIMEOUT', 'no handshake in time'), 0, /silent or hung up/],
    ['it speaks no TLS', dialed('NETWORK', 'TLS'), 0, /does not speak TLS/],
  ])('is not said when %s', (_name, failure, successes, advice) => {
    expect(verdict(failure, successes)).toEqual({ exitCode: 1, advice: expect.stringMatching(advice) });
  });
});

it('a refusal is one of the password, if it can be', () => {
  const refused = new RefusedError({ type: 'AUTH' });
  expect(verdict(refused, 2).advice).toContain('may need a password');
  expect(verdict(refused, 2, true).advice).toContain('the right one');
  expect(verdict(new RefusedError({ type: 'QUOTA' }), 2)).toEqual({ exitCode: 1, advice: '' });
});

it('what is not known to be anything else is a server that misbehaves', () => {
  expect(verdict(new CodedError('X', 'x'), 3)).toEqual({ exitCode: 1, advice: '' });
  expect(verdictOf({ steps: [{ name: 'step', milliseconds: 1, failure: null }] }, false)).toEqual({ exitCode: 0, advice: '' });
});
