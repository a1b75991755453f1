/** What a push service of a test does with a request, instead of taking it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';

export type ScriptedAnswer =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>>; readonly delayMs?: number }
  /** `silence`: nothing ever comes. `stream`: it is reset. `refuse`: it is refused, as by a server that is full. `connection`: the socket is destroyed. `go away`: GOAWAY that counts this request as not looked at. */
  | 'silence' | 'stream' | 'refuse' | 'connection' | 'go away';

/** A request, and how to answer it. */
export interface Exchange {
  readonly request: Http2ServerRequest | IncomingMessage;
  readonly response: Http2ServerResponse | ServerResponse;
  readonly body: Buffer;
  /** Resets the connection under it. */
  readonly reset: () => void;
}

export function play(answer: ScriptedAnswer, { response, reset }: Exchange): void {
  if (typeof answer === 'object') return playAnswer(answer, response);
  if (answer === 'silence') return;
  if (answer === 'connection' || !('stream' in response)) return reset();
  const { stream } = response;
  switch (answer) {
    case 'stream': return stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    case 'refuse': return stream.close(constants.NGHTTP2_REFUSED_STREAM);
    case 'go away': return stream.session?.goaway(constants.NGHTTP2_NO_ERROR, Math.max(0, (stream.id ?? 1) - 2));
  }
}

function playAnswer({ status, body = '', headers = {}, delayMs = 0 }: Extract<ScriptedAnswer, object>, response: Exchange['response']): void {
  const answer = (): void => {
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(body);
  };
  if (delayMs === 0) answer();
  else setTimeout(answer, delayMs).unref();
}
