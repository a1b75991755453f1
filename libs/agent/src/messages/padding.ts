/** How long the insides of envelopes are (agent §5.5): with post-quantum encryption shorter, since headers are longer. */
import { POST_QUANTUM_VERSION } from '@polyplex/protocol-agent';
import type { Connection } from '../records/records.ts';

const PLAIN = { confirmation: 14_832, message: 15_840 } as const;
const POST_QUANTUM = { confirmation: 11_106, message: 13_618 } as const;

export function paddedBytes({ postQuantum, agentVersion }: Pick<Connection, 'postQuantum' | 'agentVersion'>, what: keyof typeof PLAIN): number {
  return (postQuantum && agentVersion >= POST_QUANTUM_VERSION ? POST_QUANTUM : PLAIN)[what];
}
