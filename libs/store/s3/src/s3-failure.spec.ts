/** S3's errors by name and status, as several makers' servers give them. */
import { expect, test } from 'vitest';
import { asStoreError } from './s3-failure.ts';

const WHERE = { endpoint: 'https://s3.example', bucket: 'files', prefix: 'xftp/' };

test.each<[name: string, status: number | undefined, code: string, message: RegExp]>([
  ['SlowDown', 503, 'UNAVAILABLE', /answered 503/],
  ['TooManyRequests', 429, 'UNAVAILABLE', /answered 429/],
  ['InternalError', 500, 'UNAVAILABLE', /answered 500/],
  ['RequestTimeout', 400, 'UNAVAILABLE', /answered 400/],
  ['XMinioStorageFull', 507, 'FULL', /no room/],
  ['QuotaExceeded', 403, 'FULL', /bucket files has no room left/],
  ['XMinioAdminBucketQuotaExceeded', 400, 'FULL', /no room/],
  ['UnknownError', 507, 'FULL', /no room/],
  ['AccessDenied', 403, 'FAILED', /permit s3:PutObject/],
  ['UnknownError', 403, 'FAILED', /permit s3:PutObject/],
  ['RequestTimeTooSkewed', 403, 'FAILED', /clock/],
  ['PermanentRedirect', 301, 'FAILED', /another region/],
  ['InvalidRequest', 400, 'FAILED', /answered 400 .*\(InvalidRequest\)/],
  ['key/with body-id', undefined, 'FAILED', /what S3 does not.*\(unknown error\)/],
  ['TimeoutError', undefined, 'UNAVAILABLE', /does not answer/],
])('%s with status %s is %s', (name, status, code, message) => {
  const error = Object.assign(new TypeError('about body-id'), { name, $metadata: { httpStatusCode: status }, Key: 'body-id' });
  const failure = asStoreError(error, 'PutObject', WHERE);
  expect(failure).toMatchObject({ name: 'StoreError', code, message: expect.stringMatching(message) as string });
  expect([failure.cause, failure.message.includes('body-id')]).toEqual([undefined, false]);
});

test.each([
  ['ENOTFOUND', /name in https:\/\/s3.example is not found/], ['ECONNREFUSED', /nothing answers at https:\/\/s3.example/],
  ['SELF_SIGNED_CERT_IN_CHAIN', /no secure connection .*SELF_SIGNED/], ['ECONNRESET', /failed \(ECONNRESET\)/],
])('%s is UNAVAILABLE', (code, message) => {
  expect(asStoreError(Object.assign(new TypeError('x'), { code }), 'GetObject', WHERE))
    .toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(message) as string });
});
