/**
 * What the S3 client throws, as the contract's `StoreError` with what an operator has to do. The client's errors are not
 * kept as causes: they name keys, and so body ids.
 */
import { storeError } from '@polyplex/store-common';
import { StoreError } from '@polyplex/store-contract';

/** What a request does, in the words of a permission. */
export type Action = 'PutObject' | 'GetObject' | 'DeleteObject' | 'ListBucket';

/** Where it was done; nothing of it is secret. */
export interface Whereabouts {
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
}

interface ClientError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const INSUFFICIENT_STORAGE = 507;
const TOO_MANY_REQUESTS = 429;
const FORBIDDEN = 403;
const SERVER_ERROR = 500;

/** Of several makers; Ceph says QuotaExceeded, MinIO XMinioStorageFull and XMinioAdminBucketQuotaExceeded. */
const FULL = /quota|storage_?full|insufficient(storage|capacity)|notenoughspace|storagelimit/i;
/** S3 asks to come again later, with a status that means something else elsewhere. */
const LATER = /^(SlowDown|ServiceUnavailable|RequestTimeout|Throttling\w*|InternalError|TimeoutError|IncompleteBody)$/;
const PLAIN_NAME = /^\w{1,64}$/;

type Advice = (where: Whereabouts, action: Action) => string;
const OTHER_REGION: Advice = ({ bucket }) => `the bucket ${bucket} is in another region: correct the region and the endpoint`;
const NO_BUCKET: Advice = ({ bucket, endpoint }) => `there is no bucket ${bucket} at ${endpoint}: create it, or correct its name`;

const REFUSALS: Readonly<Record<string, Advice>> = {
  NoSuchBucket: NO_BUCKET,
  InvalidBucketName: NO_BUCKET,
  InvalidAccessKeyId: ({ endpoint }) => `${endpoint} does not know the access key: correct its id, or create it`,
  SignatureDoesNotMatch: ({ endpoint }) => `${endpoint} refuses the signature: correct the secret access key, or the region`,
  RequestTimeTooSkewed: ({ endpoint }) => `the clock of this machine differs from that of ${endpoint}: set it`,
  PermanentRedirect: OTHER_REGION,
  AuthorizationHeaderMalformed: OTHER_REGION,
};

const NOT_PERMITTED: Advice = ({ bucket, prefix }, action) =>
  `the access key may not do ${action} on the bucket ${bucket}${prefix === '' ? '' : `, below ${prefix}`}: permit s3:${action}`;

const TLS_CODES = /^(ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|ERR_SSL)/;

/** By the code of the operating system or of TLS. */
function networkAdvice(code: string, endpoint: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the name in ${endpoint} is not found: correct the endpoint, or see to the name service`;
  if (code === 'ECONNREFUSED') return `nothing answers at ${endpoint}: start it, or correct the endpoint`;
  if (TLS_CODES.test(code)) return `no secure connection to ${endpoint} (${code}): correct its certificate, or the endpoint`;
  return `the connection to ${endpoint} failed (${code})`;
}

/** For a request that nothing came back for in time. */
export function unanswered({ endpoint }: Whereabouts): StoreError {
  return storeError('UNAVAILABLE', undefined, `${endpoint} does not answer`);
}

/** Whether it is S3 that refused, so that nothing has been done. */
export function isRefusal(error: unknown): boolean {
  const status = (error as ClientError | null)?.$metadata?.httpStatusCode ?? SERVER_ERROR;
  return status < SERVER_ERROR;
}

/** Whether S3 says that there is no such object; a missing bucket is another error. */
export function isMissingObject(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes(nameOf(error));
}

/** Any error of the client; one that is a `StoreError` already stays. */
export function asStoreError(error: unknown, action: Action, where: Whereabouts): StoreError {
  if (error instanceof StoreError) return error;
  const status = (error as ClientError | null)?.$metadata?.httpStatusCode;
  return status === undefined ? withoutAnswer(error, action, where) : ofAnswer(nameOf(error), { status, action, where });
}

function withoutAnswer(error: unknown, action: Action, where: Whereabouts): StoreError {
  const code = networkCode(error);
  if (code !== null) return storeError('UNAVAILABLE', undefined, networkAdvice(code, where.endpoint));
  if (nameOf(error) === 'TimeoutError') return unanswered(where);
  return storeError('FAILED', undefined, `${where.endpoint} answered what S3 does not, to ${action} (${nameOf(error)})`);
}

function ofAnswer(name: string, { status, action, where }: { status: number; action: Action; where: Whereabouts }): StoreError {
  if (status === INSUFFICIENT_STORAGE || FULL.test(name)) return storeError('FULL', undefined, `the bucket ${where.bucket} has no room left (${name})`);
  const advice = REFUSALS[name] ?? (name === 'AccessDenied' || status === FORBIDDEN ? NOT_PERMITTED : undefined);
  if (advice !== undefined) return storeError('FAILED', undefined, advice(where, action));
  const later = LATER.test(name) || status === TOO_MANY_REQUESTS || status >= SERVER_ERROR;
  return storeError(later ? 'UNAVAILABLE' : 'FAILED', undefined, `${where.endpoint} answered ${status} to ${action} (${name})`);
}

/** What else a server may say is not repeated. */
function nameOf(error: unknown): string {
  const name = (error as ClientError | null)?.name;
  return typeof name === 'string' && PLAIN_NAME.test(name) ? name : 'unknown error';
}

/** Node gives one code for all addresses of a name in an `AggregateError`, which has it too. */
function networkCode(error: unknown): string | null {
  const code = (error as ClientError | null)?.code;
  return typeof code === 'string' && PLAIN_NAME.test(code) ? code : null;
}
