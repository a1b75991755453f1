/**
 * How a stream is broken off. Node's `close` ends the writable side first, so that the other end would see a body that ended
 * as it should; a destroyed stream is only reset. After the own end was sent, `close` does what it says.
 */
import { constants, type Http2Stream } from 'node:http2';
import { addAbortSignal } from 'node:stream';
import { broken } from './http-stream-error.ts';

/** Resets with CANCEL: the other end was too slow, or nobody wants the rest. */
export function cancelStream(stream: Http2Stream): void {
  if (!stream.destroyed) addAbortSignal(AbortSignal.abort(), stream);
}

/** Resets with INTERNAL_ERROR: what was promised cannot be sent. */
export function failStream(stream: Http2Stream): void {
  stream.destroy(broken());
}

/** The other end need not send the rest of its body: NO_ERROR where it has our whole answer, CANCEL where it has not. */
export function refuseRest(stream: Http2Stream): void {
  if (stream.writableFinished) stream.close(constants.NGHTTP2_NO_ERROR);
  else cancelStream(stream);
}
