/**
 * Reading a socket into memory that is used again. Node makes a new buffer for each read, 16 KiB for a record of TLS, which was
 * a tenth of a busy relay's CPU: making it, and having it collected. Sockets that a program dials may bring their own (`onread`
 * of net.connect), but those that a server accepts, and TLS sockets, cannot say so; what that option sets is set here by hand.
 * A Node that is built otherwise is read as usual.
 */
import type { Socket } from 'node:net';

/** A read takes what is there, up to this: four blocks, as libuv has it. */
const READ_BYTES = 65_536;

/** One for all sockets: what was read is passed on before anything else is read. */
const memory = new Uint8Array(READ_BYTES);

interface Internals {
  [field: symbol]: unknown;
  readonly _handle?: { useUserBuffer?: (buffer: Uint8Array) => void } | null;
}

/** The fields of a socket for the memory of `onread`, and for whom it calls; null where there are none such, or they are in use. */
function fieldsOf(internals: Internals): { readonly memory: symbol; readonly callback: symbol } | null {
  const symbols = Object.getOwnPropertySymbols(internals);
  const unused = (name: string): symbol | undefined => symbols.find((each) => each.description === name && internals[each] === null);
  const [ofMemory, ofCallback] = [unused('kBuffer'), unused('kBufferCb')];
  return ofMemory === undefined || ofCallback === undefined ? null : { memory: ofMemory, callback: ofCallback };
}

/**
 * Begins to read, as a listener to `data` does; `take` must copy what it keeps, since the next read of any socket writes
 * over it. Pausing, resuming and the end are as ever. Answers whether the socket is read in place.
 */
export function readInPlace(socket: Socket, take: (bytes: Uint8Array) => void): boolean {
  // Gets what was read before now, and what comes while the socket is paused.
  socket.on('data', take);
  const internals = socket as unknown as Internals;
  const fields = fieldsOf(internals);
  const handle = internals._handle;
  if (fields === null || typeof handle?.useUserBuffer !== 'function') return false;
  internals[fields.memory] = memory;
  internals[fields.callback] = (length: number): true => {
    const bytes = memory.subarray(0, length);
    // TLS passes on all records that it has decrypted, also when the first of them made its reader pause.
    if (socket.isPaused() || socket.readableLength > 0) socket.push(Uint8Array.from(bytes));
    else take(bytes);
    return true;
  };
  handle.useUserBuffer(memory);
  return true;
}
