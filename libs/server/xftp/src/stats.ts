/** What the file server counts, once, where it happens (XFTP §7.3, §7.4). Gauges are read, not kept. */
import type { Clock } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { ActiveCounts, Counter, CounterFamily, HistogramFamily, SALT_BYTES } from '@polyplex/telemetry';

export class XftpStats {
  readonly commands = new CounterFamily();
  /** From a command's block to the first byte of its answer: of FPUT the whole upload, of FGET until the body is open; seconds. */
  readonly commandSeconds = new HistogramFamily();
  /** ERR answers by their type (`AUTH`, `CMD`, `QUOTA` …). */
  readonly errors = new CounterFamily();
  readonly handshakeFailures = new CounterFamily<'HANDSHAKE' | 'SESSION'>();
  readonly closed = new CounterFamily();
  readonly filesCreated = new Counter();
  /** By FNEW and FADD. */
  readonly fileRecipients = new Counter();
  readonly filesUploaded = new Counter();
  readonly filesExpired = new Counter();
  readonly filesDeleted = new Counter();
  readonly filesBlocked = new Counter();
  /** Begun; a file that many download counts many times. */
  readonly fileDownloads = new Counter();
  readonly fileDownloadAcks = new Counter();
  /** Bytes of bodies, also of transfers that did not end well. */
  readonly bytesUploaded = new Counter();
  readonly bytesDownloaded = new Counter();
  /** Bodies that were left, and those that no record knew. */
  readonly bodiesSwept = new CounterFamily<'left' | 'stray'>();
  readonly internalErrors = new Counter();
  /** Commands that the store of records or of bodies failed, whatever they were answered. */
  readonly storeFailures = new Counter();
  /** Bodies that came or went whole, as fast as their client took part; seconds. */
  readonly transferSeconds = new HistogramFamily<'upload' | 'download'>();
  /** Different files that downloads began of. */
  readonly filesDownloaded: ActiveCounts;

  constructor(clock: Clock) {
    this.filesDownloaded = new ActiveCounts(clock, randomBytes(SALT_BYTES));
  }
}
