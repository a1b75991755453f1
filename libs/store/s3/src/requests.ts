/**
 * The requests to S3 and their connections. Each waits for S3 a bounded time; reading and writing bodies is bounded by
 * their own timers. Connections stay until the last request after `close` has ended.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { type Clock, SECOND } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';
import { Histogram, type Logger, timed } from '@polyplex/telemetry';
import type { Place } from './place.ts';
import { type Action, asStoreError, isMissingObject, unanswered, type Whereabouts } from './s3-failure.ts';

const CONNECT_MS = 10 * SECOND;
/** Shorter than any server keeps an idle connection: a write cannot be repeated when it meets a closed one. */
const IDLE_CONNECTION_MS = 4 * SECOND;
/** How often the client tries what has no body. */
const TRIES = 3;
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

export interface Access {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The bucket in the path of the address, not in its host name. */
  readonly pathStyle: boolean;
}

export interface Timing {
  readonly clock: Clock;
  /** How long S3 may be silent while it is waited for. */
  readonly silenceMs: number;
}

/** One page of a list. */
export interface Page {
  readonly objects: readonly { readonly key: string; readonly modified: number }[];
  /** Null at the end. */
  readonly next: string | null;
}

/** Whoever opens it reads the stream to its end or destroys it. */
export interface OpenObject {
  readonly stream: Readable;
  readonly size: number;
}

export class Requests {
  readonly place: Place;
  readonly timing: Timing;
  readonly where: Whereabouts;
  /** How long S3 took to answer, not counting what was sent to it or read from it as clients do. */
  readonly seconds = new Histogram();
  private readonly log: Logger;
  private readonly client: S3Client;
  /** For what is streamed, and so cannot be sent twice. */
  private readonly onceClient: S3Client;
  private readonly agents: readonly { destroy(): void }[];
  private active = 0;
  private closed = false;
  private answered = true;

  constructor(access: Access, place: Place, { timing, log }: { timing: Timing; log: Logger }) {
    this.place = place;
    this.timing = timing;
    this.log = log;
    this.where = { endpoint: originOf(access.endpoint), bucket: place.bucket, prefix: place.prefix };
    // As many connections as transfers: the server bounds those, and one that waits would be taken for a silent S3.
    const pool = { keepAlive: true, maxSockets: Infinity, timeout: IDLE_CONNECTION_MS };
    const [httpAgent, httpsAgent] = [new HttpAgent(pool), new HttpsAgent(pool)];
    this.agents = [httpAgent, httpsAgent];
    const { endpoint, region, accessKeyId, secretAccessKey, pathStyle } = access;
    const config: S3ClientConfig = {
      endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: pathStyle,
      // Other servers than Amazon's know no trailing checksums, and these would need the body twice or in frames.
      requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED',
      expectContinueHeader: false,
      requestHandler: { httpAgent, httpsAgent, connectionTimeout: CONNECT_MS, socketTimeout: 0 },
      logger: SILENT,
    };
    this.client = new S3Client({ ...config, maxAttempts: TRIES });
    this.onceClient = new S3Client({ ...config, maxAttempts: 1 });
  }

  /** Whether S3 answered the last request that has ended. */
  get connected(): boolean {
    return this.answered && !this.closed;
  }

  assertOpen(): void {
    if (this.closed) throw storeError('UNAVAILABLE', undefined, 'the store is closed');
  }

  /** Sends the stream once. Rejects with the client's own error; the caller ends what the signal has to end. */
  async putStream(key: string, { stream, size, signal }: { stream: Readable; size: number; signal: AbortSignal }): Promise<void> {
    const end = this.begin();
    try {
      const command = new PutObjectCommand({ Bucket: this.place.bucket, Key: key, Body: stream, ContentLength: size, ContentType: 'application/octet-stream' });
      await this.onceClient.send(command, { abortSignal: signal });
      this.answered = true;
    } finally {
      end();
    }
  }

  /** Writes what lets a check see whether objects can be written. */
  async putCheck(): Promise<void> {
    const command = new PutObjectCommand({ Bucket: this.place.bucket, Key: this.place.checkKey, Body: 'ok', ContentType: 'text/plain' });
    await this.bounded('PutObject', (abortSignal) => this.client.send(command, { abortSignal }));
  }

  /** Null where there is none. */
  async get(key: string): Promise<OpenObject | null> {
    const command = new GetObjectCommand({ Bucket: this.place.bucket, Key: key });
    const end = this.begin();
    let stream: Readable | null = null;
    try {
      const answer = await this.bounded('GetObject', (abortSignal) => this.client.send(command, { abortSignal }), { answer: null });
      if (answer === null) return null;
      if (answer.ContentLength === undefined) throw storeError('FAILED', undefined, `${this.where.endpoint} does not tell the size of an object`);
      stream = answer.Body as Readable;
      stream.on('error', () => undefined); // whoever reads is told
      stream.once('close', end);
      return { stream, size: answer.ContentLength };
    } finally {
      if (stream === null) end();
    }
  }

  /** Fine when there is none. */
  async delete(key: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.place.bucket, Key: key });
    await this.bounded('DeleteObject', (abortSignal) => this.client.send(command, { abortSignal }), { answer: null });
  }

  /** Objects directly below the prefix, in the order of their names. */
  async list(after: string | null, most?: number): Promise<Page> {
    const command = new ListObjectsV2Command({
      Bucket: this.place.bucket, Prefix: this.place.prefix, Delimiter: '/', ContinuationToken: after ?? undefined, MaxKeys: most,
    });
    const page = await this.bounded('ListBucket', (abortSignal) => this.client.send(command, { abortSignal }));
    const objects = (page.Contents ?? []).map(({ Key, LastModified }) => ({ key: Key ?? '', modified: LastModified?.getTime() ?? Infinity }));
    return { objects, next: page.IsTruncated === true ? (page.NextContinuationToken ?? null) : null };
  }

  /** Refuses all further requests; those under way go on to their end. */
  close(): void {
    this.closed = true;
    if (this.active === 0) this.disconnect();
  }

  /** The client's error as the contract's. */
  failure(error: unknown, action: Action): Error {
    const failure = asStoreError(error, action, this.where);
    this.answered = failure.code !== 'UNAVAILABLE';
    const requestId = (error as { $metadata?: { requestId?: string } } | null)?.$metadata?.requestId;
    this.log.debug('a request to S3 failed', { action, code: failure.code, reason: failure.message, requestId });
    return failure;
  }

  /** Runs a request that is aborted when S3 does not answer in time. `missing`: the answer where there is no such object. */
  private async bounded<T, M = never>(action: Action, send: (signal: AbortSignal) => Promise<T>, missing?: { readonly answer: M }): Promise<T | M> {
    const end = this.begin();
    const aborter = new AbortController();
    const stopTimer = this.timing.clock.after(this.timing.silenceMs, () => aborter.abort());
    try {
      const answer = await timed(this.seconds, () => send(aborter.signal));
      this.answered = true;
      return answer;
    } catch (error) {
      if (missing !== undefined && isMissingObject(error)) return missing.answer;
      throw this.failure(aborter.signal.aborted ? unanswered(this.where) : error, action);
    } finally {
      stopTimer();
      end();
    }
  }

  /** Counts a request; the answer ends it, and may be called again. */
  private begin(): () => void {
    this.assertOpen();
    this.active++;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.active--;
      if (this.closed && this.active === 0) this.disconnect();
    };
  }

  private disconnect(): void {
    this.client.destroy();
    this.onceClient.destroy();
    for (const agent of this.agents) agent.destroy();
  }
}

function originOf(endpoint: string): string {
  if (!URL.canParse(endpoint)) throw storeError('FAILED', undefined, 'the endpoint of S3 is no address: give one like https://s3.example.com');
  return new URL(endpoint).origin;
}
