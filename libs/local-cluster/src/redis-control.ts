/** One connection to one Redis server for the commands that steer it; made when needed, and again after it broke. */
import { createClient, ErrorReply, RESP_TYPES } from 'redis';
import { within } from './wait-until.ts';

const COMMAND_TIMEOUT_MS = 5000;

/** A reply of RESP 2, errors apart. */
export type RedisReply<T = string> = T | number | null | readonly RedisReply<T>[];

export interface RedisControl {
  /** Rejects with what the server answers as error, or TIMEOUT after five seconds. */
  command(...args: readonly (string | number | Buffer)[]): Promise<RedisReply>;
  /** The same with bytes for strings: keys need not be text. */
  bytes(...args: readonly (string | number | Buffer)[]): Promise<RedisReply<Buffer>>;
  close(): void;
}

function newClient(port: number, password: string | undefined) {
  const client = createClient({
    RESP: 2,
    socket: { host: '127.0.0.1', port, reconnectStrategy: false, connectTimeout: 2000 },
    disableOfflineQueue: true,
    disableClientInfo: true,
    ...(password === undefined ? {} : { password }),
  });
  // The commands that were waiting are rejected, which says it all.
  client.on('error', () => undefined);
  return client;
}

type Client = ReturnType<typeof newClient>;

export function createRedisControl(port: number, password?: string): RedisControl {
  let connecting: Promise<Client> | null = null;

  function drop(): void {
    const dropped = connecting;
    connecting = null;
    void dropped?.then((client) => client.isOpen && client.destroy(), () => undefined);
  }

  async function client(): Promise<Client> {
    if (connecting !== null && !(await connecting).isReady) drop();
    connecting ??= (async () => {
      const made = newClient(port, password);
      await made.connect();
      return made;
    })();
    return connecting;
  }

  async function run<T>(use: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await within('a command to Redis', client().then(use), COMMAND_TIMEOUT_MS);
    } catch (error) {
      // An error that the server answered leaves the connection as it is, any other may not.
      if (!(error instanceof ErrorReply)) drop();
      throw error;
    }
  }

  const words = (args: readonly (string | number | Buffer)[]) => args.map((arg) => (typeof arg === 'number' ? String(arg) : arg));
  return {
    command: (...args) => run((made) => made.sendCommand<RedisReply>(words(args))),
    bytes: (...args) => run((made) => made.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).sendCommand<RedisReply<Buffer>>(words(args))),
    close: drop,
  };
}
