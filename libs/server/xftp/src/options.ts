/** Everything about the file server that an operator may choose, with its default. Durations in milliseconds. */
import { DAY, HOUR, MINUTE, SECOND } from '@polyplex/base';

export interface XftpServerOptions {
  /** Whether FNEW is answered at all. */
  readonly newFiles: boolean;
  /** Required of FNEW; null for none. */
  readonly password: string | null;
  /** FNEW and FADD commands in a minute, in all and by one client address; 0 for no limit. */
  readonly newFilesPerMinute: number;
  readonly newFilesPerMinutePerAddress: number;
  /** Bytes that all bodies together may have; null for any number. */
  readonly quota: number | null;
  readonly fileTtlMs: number;
  readonly expireIntervalMs: number;
  /** How often bodies are removed whose next step did not come. */
  readonly leftBodiesIntervalMs: number;
  /** How often bodies are looked for that no record knows; also at start, where `strayBodiesOnStart`. */
  readonly strayBodiesIntervalMs: number;
  readonly strayBodiesOnStart: boolean;
  /** For the first block of a request. */
  readonly blockTimeoutMs: number;
  /** For a whole upload (XFTP §5.3). */
  readonly uploadTimeoutMs: number;
  /** Transfers at once; more wait in line. */
  readonly uploads: number;
  readonly downloads: number;
  /** Of these of one client address, and of one connection. */
  readonly transfersPerAddress: number;
  readonly transfersPerConnection: number;
  /** Closing of connections without requests; `inactiveTtlMs` 0 switches it off. */
  readonly inactiveTtlMs: number;
  readonly inactiveCheckMs: number;
  /** How long a drain spreads the closing of connections, and how long transfers may take after it. */
  readonly drainMs: number;
  readonly drainTransfersMs: number;
}

export const DEFAULT_OPTIONS: XftpServerOptions = {
  newFiles: true,
  password: null,
  newFilesPerMinute: 60_000,
  newFilesPerMinutePerAddress: 3000,
  quota: null,
  fileTtlMs: 48 * HOUR,
  expireIntervalMs: 2 * HOUR,
  leftBodiesIntervalMs: MINUTE,
  strayBodiesIntervalMs: DAY,
  strayBodiesOnStart: true,
  blockTimeoutMs: MINUTE,
  uploadTimeoutMs: 5 * MINUTE,
  uploads: 256,
  downloads: 512,
  transfersPerAddress: 128,
  transfersPerConnection: 16,
  inactiveTtlMs: HOUR,
  inactiveCheckMs: 10 * MINUTE,
  drainMs: 5 * SECOND,
  drainTransfersMs: 10 * SECOND,
};
