/** A connection without sockets, for what only the server's own work is asked about: its time, its parsers. */
import { concatBytes } from '@polyplex/base';
import type { HttpConnection, HttpHandlers, HttpRequest } from '@polyplex/protocol-common';
import type { TestFileServer } from './file-server.ts';

export interface MemoryConnection {
  readonly sessionId: Uint8Array;
  /** The response's body; the request's comes in one piece. */
  ask(body: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Uint8Array>;
  close(): void;
}

export interface MemoryConnectionOptions {
  readonly sessionId: Uint8Array;
  readonly alpn?: string | null;
  readonly web?: boolean;
}

export function connectInMemory({ server, credentials }: TestFileServer, { sessionId, alpn = 'xftp/1', web = false }: MemoryConnectionOptions): MemoryConnection {
  let handlers: HttpHandlers | null = null;
  const connection: HttpConnection = {
    sessionId,
    alpn,
    web,
    peerChain: [],
    ownChain: credentials.chain,
    addressKey: '192.0.2.1',
    active: 0,
    start: (given) => (handlers = given),
    close: (reason) => handlers?.closed(reason),
    destroy: (reason) => handlers?.closed(reason),
  };
  server.accept(connection);
  return {
    sessionId,
    async ask(body, headers = {}) {
      const pieces: Uint8Array[] = [];
      const request: HttpRequest = {
        method: 'POST',
        path: '/',
        headers,
        body: oncePiece(body),
        broken: new AbortController().signal,
        async respond(_response, parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = []) {
          for await (const part of parts as AsyncIterable<Uint8Array>) pieces.push(Uint8Array.from(part));
        },
      };
      await handlers!.request(request);
      return pieces.length === 1 ? pieces[0]! : concatBytes(...pieces);
    },
    close: () => handlers?.closed('peer'),
  };
}

 
async function* oncePiece(body: Uint8Array): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body;
}
