/** What a Redis holds of each kind of store, for samples of every released format: `FORMAT.json.gz`, as `make.ts` made it. */
import { fillFiles, fillQueues, fillTokens, tellFiles, tellQueues, tellTokens } from '@polyplex/store-conformance/formats';
import { openRedisFileStore, openRedisStore, openRedisTokenStore } from '../../src/index.ts';

interface Sample {
  readonly kind: 'queue' | 'file' | 'token';
  fill(port: number): Promise<void>;
  tell(port: number): Promise<unknown>;
}

/** A key as `DUMP` gives it, in base64. */
export interface DumpedKey {
  readonly key: string;
  readonly dump: string;
}

export interface FormatSample {
  readonly keys: readonly DumpedKey[];
  readonly told: Readonly<Record<string, unknown>>;
}

function sample<S extends { close(): Promise<void> }>(kind: Sample['kind'], open: (port: number) => Promise<S>, steps: { readonly fill: (store: S) => Promise<void>; readonly tell: (store: S) => Promise<unknown> }): Sample {
  const using = async <T>(port: number, step: (store: S) => Promise<T>): Promise<T> => {
    const store = await open(port);
    return step(store).finally(() => store.close());
  };
  return { kind, fill: (port) => using(port, steps.fill), tell: (port) => using(port, steps.tell) };
}

const at = (port: number) => ({ servers: [{ host: '127.0.0.1', port }] });

export const SAMPLES: readonly Sample[] = [
  sample('queue', (port) => openRedisStore({ ...at(port), prefix: 'smp' }), { fill: fillQueues, tell: tellQueues }),
  sample('file', (port) => openRedisFileStore({ ...at(port), prefix: 'xftp' }), { fill: fillFiles, tell: tellFiles }),
  sample('token', (port) => openRedisTokenStore({ ...at(port), prefix: 'ntf' }), { fill: fillTokens, tell: tellTokens }),
];

/** What belongs to nodes that run, and is gone with them. */
export const OF_NODES = /:(nodes|inbox|lease|count|secret)\b|\{fleet\}/;
