/** The three version numbers of agents (agent §1). */
import type { VersionRange } from '@polyplex/protocol-common';

/** Of the agent protocol: `v=` in links, and the first field of every envelope. */
export const AGENT_VERSIONS: VersionRange = { min: 2, max: 7 };
/** From here on ratchets can be started anew. */
export const RATCHET_SYNC_VERSION = 3;
/** From here on receipts are sent. */
export const RECEIPTS_VERSION = 4;
/** From here on bodies are short enough for KEM headers where a connection is post-quantum. */
export const POST_QUANTUM_VERSION = 5;

/** Of the end-to-end encryption: 2 derives keys by HKDF, 3 may mix in a KEM and has longer headers. */
export const E2E_VERSIONS: VersionRange = { min: 2, max: 3 };
/** From this version on parameters and headers have a field for the KEM, and lengths of headers two bytes. */
export const KEM_VERSION = 3;

/** Of the queues of a client: in queue URIs, and the first field of what is sent to a queue. */
export const CLIENT_VERSIONS: VersionRange = { min: 1, max: 4 };
/** From here on a queue says its mode; between them it says whether its sender may secure it. */
export const SECURABLE_QUEUE_VERSION = 3;
export const QUEUE_MODE_VERSION = 4;
