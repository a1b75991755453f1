/** Watches what a process has decided to send: the key of a message is never used for another one, whatever died in between (agent §7.10). */
import { tryDecode } from '@polyplex/codec';
import { agentEnvelope, readRatchetMessage } from '@polyplex/protocol-agent';
import type { Put } from './sim-store.ts';

interface SendTask {
  readonly task?: { readonly do?: string; readonly envelope?: Uint8Array };
}

export class KeyUse {
  /** What was encrypted, by the nonce of its header, which is derived with the key. */
  readonly #used = new Map<string, Uint8Array>();

  /** Whether a commit sends something by keys that were used for something else. */
  isReused(changes: readonly Put[]): boolean {
    return changes.some(({ kind, value }) => kind === 'task' && value !== undefined && this.#isReusedBy((value as SendTask).task?.envelope));
  }

  #isReusedBy(envelope: Uint8Array | undefined): boolean {
    const content = envelope && tryDecode(agentEnvelope, envelope);
    if (content?.type !== 'M' && content?.type !== 'C') return false;
    const { encrypted } = readRatchetMessage(content.encrypted);
    const name = Buffer.from(encrypted.iv).toString('latin1');
    const before = this.#used.get(name);
    this.#used.set(name, content.encrypted);
    return before !== undefined && Buffer.compare(before, content.encrypted) !== 0;
  }
}
