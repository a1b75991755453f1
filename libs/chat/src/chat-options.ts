import type { AgentFilesOptions, AgentOptions } from '@polyplex/agent';
import type { Profile } from '@polyplex/protocol-chat';
import type { Logger } from '@polyplex/telemetry';
import type { BucketSize } from './limits/token-buckets.ts';
import type { Admission, ChatEvent, JoinRequest } from './chat-event.ts';
import type { ChatStep } from './chat-step.ts';

/** The application: both run inside the transaction, synchronously, and must not throw; they may be run again with the same event, and then only the last run counts. */
export interface ChatApplication {
  onEvent(event: ChatEvent, step: ChatStep): void;
  /** Absent: everybody is accepted in the link's role. */
  admit?(request: JoinRequest, step: ChatStep): Admission;
}

export interface ChatOptions extends Omit<AgentOptions, 'onEvent' | 'inStep' | 'files'> {
  /** Where files are kept and sent from. Absent: none are sent, those of others are passed over. */
  readonly files?: Omit<AgentFilesOptions, 'onEvent' | 'inStep' | 'acknowledges'>;
  /** Ours, until `setProfile` changes it. */
  readonly profile: Profile;
  /** Requests at our address become contacts by themselves; default true. */
  readonly acceptsContacts?: boolean;
  /** What each contact or member may say in a time; more is passed over. Default: 300 messages at once, 3 a second. */
  readonly messageRate?: BucketSize;
  readonly application: ChatApplication;
  readonly log?: Logger;
}
