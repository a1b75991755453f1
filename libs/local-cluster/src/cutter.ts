/** A stretch of network that can be cut: forwards TCP connections to a port of this machine. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CutterOptions {
  /** Port of 127.0.0.1. */
  readonly target: number;
}

export interface Cutter {
  readonly port: number;
  /** Connections that are open now. */
  readonly connections: number;
  /**
   * From now on nothing passes, either way: bytes are held, ends are not told, and new connections get no answer, as
   * when a cable is pulled.
   */
  cut(): void;
  /** What was held passes on. */
  heal(): void;
  /** Resets all connections; both ends get ECONNRESET. */
  drop(): void;
  /** Each piece of bytes arrives so much later, order kept; 0 for none. */
  delay(ms: number): void;
  stop(): Promise<void>;
}

const MAX_HELD_PIECES = 64;

/** What both directions of all connections obey. */
interface Line {
  isCut: boolean;
  delayMs: number;
  readonly waiting: Set<() => void>;
}

/** Resolves at once on a line that is whole, else when it is healed. */
function passage(line: Line): Promise<void> {
  return line.isCut ? new Promise((resolve) => line.waiting.add(resolve)) : Promise.resolve();
}

/** Passes on what arrives, and the end of it; each piece is asked for only after the one before has left. */
function forward(line: Line, from: Socket, to: Socket): void {
  let last = Promise.resolve();
  const pass = (act: () => void): void => {
    const due = performance.now() + line.delayMs;
    last = last
      .then(async () => {
        const rest = due - performance.now();
        if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
        // Cut while it waited, it waits on.
        while (line.isCut) await passage(line);
        if (!to.destroyed) act();
      });
  };
  let pieces = 0;
  from.on('data', (bytes: Buffer) => {
    pieces += 1;
    // A bound on what is held: the sender then sees a full window, as on a real line.
    if (pieces === MAX_HELD_PIECES) from.pause();
    pass(() => {
      pieces -= 1;
      if (to.write(bytes)) return void from.resume();
      from.pause();
      to.once('drain', () => from.resume());
    });
  });
  from.on('end', () => pass(() => to.end()));
  from.on('error', () => pass(() => to.resetAndDestroy()));
  // A connection that ended in order has said so already.
  from.on('close', () => pass(() => to.destroySoon()));
}

/** On a free port. The target is connected to when a client comes; one that refuses is passed on as a reset. */
export async function startCutter({ target }: CutterOptions): Promise<Cutter> {
  const line: Line = { isCut: false, delayMs: 0, waiting: new Set() };
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true, noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    forward(line, client, upstream);
    forward(line, upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const heal = (): void => {
    line.isCut = false;
    for (const resume of line.waiting) resume();
    line.waiting.clear();
  };
  const drop = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get connections() { return Math.ceil(sockets.size / 2); },
    cut: () => void (line.isCut = true),
    heal, drop,
    delay: (ms) => void (line.delayMs = ms),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      heal();
      await closed;
    },
  };
}
