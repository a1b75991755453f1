/** What the pages say about the file server. */
import type { OperatorInformation } from '@polyplex/node';

export interface PageFacts {
  /** As people add it to their apps: without password. */
  readonly address: string;
  readonly version: string;
  /** How long files are kept, in milliseconds. */
  readonly keptMs: number;
  /** Who may create files. */
  readonly accepting: 'anybody' | 'password' | 'nobody';
  /** Section `information` of the configuration. */
  readonly information: OperatorInformation;
}
