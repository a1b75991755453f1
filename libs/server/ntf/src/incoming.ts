/** From the items of a block to commands, or the error that each malformed item gets (NTF §7). */
import { EMPTY_BYTES, equalBytes } from '@polyplex/base';
import { authKindOf } from '@polyplex/protocol-common';
import {
  checkCredentials, commandError, errorReply, type NtfCommand, type NtfCommandTag, type NtfError, type NtfReply, readCommand, readNtfTransmission,
} from '@polyplex/protocol-ntf';

/** A command that parsed and whose credentials suit it; byte values are views of its block. */
export interface Incoming<C extends { readonly tag: NtfCommandTag } = NtfCommand> {
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly auth: Uint8Array;
  /** corrId ‖ entityId ‖ command. */
  readonly signed: Uint8Array;
  readonly command: C;
}

export interface Answer {
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly reply: NtfReply;
}

export type Parsed = { readonly incoming: Incoming } | { readonly answer: Answer };

export const BAD_BLOCK: Answer = { corrId: EMPTY_BYTES, entityId: EMPTY_BYTES, reply: errorReply({ type: 'BLOCK' }) };

/** Splits, then checks session, auth length, tag, parameters, credentials; the first failing step answers. */
export function parseItem(item: Uint8Array, version: number, sessionId: Uint8Array): Parsed {
  const transmission = readNtfTransmission(item, version);
  if (transmission === null) return { answer: BAD_BLOCK };
  const { corrId, entityId, auth } = transmission;
  const refuse = (error: NtfError, entity: Uint8Array): Parsed => ({ answer: { corrId, entityId: entity, reply: errorReply(error) } });
  if (transmission.sessionId !== null && !equalBytes(transmission.sessionId, sessionId)) return refuse({ type: 'SESSION' }, EMPTY_BYTES);
  const kind = authKindOf(auth);
  if (kind === null) return refuse({ type: 'BLOCK' }, EMPTY_BYTES);
  const command = readCommand(transmission.command);
  if (typeof command === 'string') return refuse(commandError(command), entityId);
  const misfit = checkCredentials(command.tag, kind !== 'none', entityId.length > 0);
  if (misfit !== null) return refuse(commandError(misfit), entityId);
  return { incoming: { corrId, entityId, auth, signed: transmission.signed, command } };
}
