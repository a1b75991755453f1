/**
 * A worker's door, HTTP on loopback: requests as JSON at `/perform`, and two pages for who writes the report. Only for who
 * knows the token in the path, since whatever runs on this machine could ask. (HTTP and not a WebSocket: k6 ends a virtual
 * user's WebSockets with each iteration, while its HTTP connections stay.)
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SwarmError, usage } from './failure.ts';
import type { OperationName, SwarmFailure, SwarmReply } from './protocol.ts';
import type { Swarm } from './swarm.ts';

const MAX_REQUEST_BYTES = 1024 * 1024;

export interface WorkerServer {
  /** `http://127.0.0.1:<port>/<token>`, and then `/perform`, `/series` or `/stats`. */
  readonly url: string;
  close(): Promise<void>;
}

export async function serveWorker(swarm: Swarm, token: string): Promise<WorkerServer> {
  const server = createServer((request, response) => {
    void answer(swarm, token, request).then((reply) => {
      if (reply === null) response.writeHead(404).end();
      else respond(response, reply);
    });
  });
  // Virtual users think longer than Node's servers wait.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/${token}`, close: () => close(server) };
}

function respond(response: ServerResponse, reply: unknown): void {
  const text = JSON.stringify(reply);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** Null for what is not here. Never rejects. */
async function answer(swarm: Swarm, token: string, request: IncomingMessage): Promise<unknown> {
  switch (`${request.method ?? ''} ${request.url ?? ''}`) {
    case `POST /${token}/perform`:
      return perform(swarm, request);
    case `GET /${token}/series`:
      return swarm.series.reply();
    case `GET /${token}/stats`:
      return swarm.stats();
    default:
      return null;
  }
}

async function perform(swarm: Swarm, request: IncomingMessage): Promise<SwarmReply> {
  try {
    const { op, ...rest } = parsed(await textOf(request));
    return { ok: true, ...(await swarm.perform(op as OperationName, rest)) };
  } catch (error) {
    return failureOf(error);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_REQUEST_BYTES) throw usage('too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function parsed(text: string): { readonly op: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw usage('not JSON');
  }
  const { op } = (value ?? {}) as { readonly op?: unknown };
  if (typeof op !== 'string') throw usage('a request has an op');
  return value as { readonly op: string };
}

function failureOf(error: unknown): SwarmFailure {
  return error instanceof SwarmError ? { ok: false, code: error.code, step: error.step } : { ok: false, code: 'INTERNAL', step: 'request' };
}
