/** What an application may do in a step of its agent. */
import { sha256 } from '@polyplex/crypto';
import type { RecordWriter } from '@polyplex/store-contract';
import type { AgentStep } from './agent-step.ts';
import { allow, reject } from './connect/answer-offer.ts';
import { type DeleteOptions, deleteConnection } from './connect/delete-connection.ts';
import { setUserData } from './connect/own-link.ts';
import { deleteFile, type FileToSend, receiveFile, sendFile, type SendFileOptions } from './files/file-steps.ts';
import { acknowledge } from './messages/acknowledge.ts';
import { canSend, sendBody, type SendOptions } from './messages/seal.ts';
import type { Step } from './step.ts';

export class ApplicationStep implements AgentStep {
  readonly records: RecordWriter;
  readonly now: number;
  readonly #step: Step;

  constructor(step: Step) {
    this.#step = step;
    this.records = step.application;
    this.now = step.now;
  }

  bindingOf(connectionId: string): Uint8Array | null {
    const ratchet = this.#step.get('ratchet', connectionId);
    return ratchet === undefined ? null : sha256(ratchet.associated);
  }

  canSend(connectionId: string): boolean {
    return this.#step.get('connection', connectionId) !== undefined && canSend(this.#step, connectionId);
  }

  send(connectionId: string, body: Uint8Array, options?: SendOptions): number {
    return sendBody(this.#step, connectionId, body, options);
  }

  acknowledge(connectionId: string, messageId: number, receipt?: Uint8Array): void {
    acknowledge(this.#step, connectionId, messageId, receipt);
  }

  allow(offerId: string, info: Uint8Array): void {
    allow(this.#step, offerId, info);
  }

  reject(offerId: string): void {
    reject(this.#step, offerId);
  }

  setUserData(connectionId: string, userData: Uint8Array): void {
    setUserData(this.#step, connectionId, userData);
  }

  delete(connectionId: string, options?: DeleteOptions): void {
    deleteConnection(this.#step, connectionId, options);
  }

  sendFile(file: FileToSend, options?: SendFileOptions): string {
    return sendFile(this.#step, file, options);
  }

  receiveFile(description: string, options: { readonly folder: string }): string {
    return receiveFile(this.#step, description, options);
  }

  deleteFile(fileId: string): void {
    deleteFile(this.#step, fileId);
  }

  afterwards(work: () => void): void {
    this.#step.afterwards.push(work);
  }
}
