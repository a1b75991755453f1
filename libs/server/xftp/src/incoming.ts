/** From a block to a command, or the error that a malformed one gets (XFTP §3.1, §6). */
import { EMPTY_BYTES } from '@polyplex/base';
import {
  checkCredentials, commandError, errorReply, readBlock, readCommand, transmissionError, type XftpCommand, type XftpCommandTag, type XftpError, type XftpReply,
} from '@polyplex/protocol-xftp';

/** A command that parsed and whose credentials suit it; byte values are views of its block. */
export interface Incoming<C extends { readonly tag: XftpCommandTag } = XftpCommand> {
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly auth: Uint8Array;
  /** What the key must authorise: the transmission from its session id on. */
  readonly signed: Uint8Array;
  readonly command: C;
}

interface Refused {
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly reply: XftpReply;
}

export type Parsed = { readonly incoming: Incoming } | { readonly refused: Refused };

const BAD_BLOCK: Parsed = { refused: { corrId: EMPTY_BYTES, entityId: EMPTY_BYTES, reply: errorReply({ type: 'BLOCK' }) } };

/** Splits, then checks session, auth length, tag, parameters, credentials; the first failing step answers. */
export function parseBlock(block: Uint8Array, sessionId: Uint8Array): Parsed {
  const transmission = readBlock(block);
  if (transmission === null) return BAD_BLOCK;
  const { corrId, entityId, auth, signed } = transmission;
  const refuse = (error: XftpError, entity: Uint8Array): Parsed => ({ refused: { corrId, entityId: entity, reply: errorReply(error) } });
  const misplaced = transmissionError(transmission, sessionId);
  if (misplaced !== null) return refuse(misplaced, EMPTY_BYTES);
  const command = readCommand(transmission.command);
  if (typeof command === 'string') return refuse(commandError(command), entityId);
  const misfit = checkCredentials(command.tag, auth.length > 0, entityId.length > 0);
  if (misfit !== null) return refuse(commandError(misfit), entityId);
  return { incoming: { corrId, entityId, auth, signed, command } };
}
