export {
  initiateRatchet, initiatorParameters, joinerParameters, type JoinerParameters, joinRatchet, type OwnParameters, type PostQuantumWish, publishedParameters,
} from './ratchet/begin.ts';
export { MAX_SKIPPED, openMessage, type Received } from './ratchet/decrypt.ts';
export { type PreparedMessage, prepareMessage, sealMessage } from './ratchet/encrypt.ts';
export type { FreshKeys } from './ratchet/fresh-keys.ts';
export { RatchetError, type RatchetErrorCode } from './ratchet/ratchet-error.ts';
export type { KemState, PostQuantum, Ratchet, SkippedKey } from './ratchet/state.ts';
export { Agent, type AgentOptions } from './agent.ts';
export { AgentError, type AgentErrorCode } from './agent-error.ts';
export type { AgentEvent } from './agent-event.ts';
export type { AgentStep, Also, AlsoBegun, EventHandler } from './agent-step.ts';
export type { AddressOptions, BeginOptions, Begun, JoinOptions, LinkOptions } from './connect/begin.ts';
export type { FileEvent, FileEventHandler } from './files/file-event.ts';
export type { FileToSend, SendFileOptions } from './files/file-steps.ts';
export type { AgentFilesOptions } from './files/perform-transfer.ts';
export type { OpenedLink } from './connect/open-link.ts';
export type { LinkIdentity, LinkNames } from './connect/own-link.ts';
export type { QueueServer, Relays, SubscribedQueue } from './context.ts';
export { ApplicationReader, ApplicationWriter } from './records/application-records.ts';
export type { Connection, FileRecord, StoredEvent } from './records/records.ts';
export type { PrivateRoutingOptions } from './relays/private-routing.ts';
export type { QueueState } from './rotation/queue-states.ts';
export { openSmpRelays, type SmpRelays, type SmpRelaysOptions } from './relays/smp-relays.ts';
