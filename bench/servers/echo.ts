/** The least that a server of 16 KiB blocks can do: TLS in, TLS out. What the relay's work is compared with. */
import { serve } from './serve.ts';

await serve(async () =>
  Promise.resolve({
    accept(connection) {
      connection.start({ block: (block) => void connection.write(block), drained: () => undefined, closed: () => undefined });
    },
    stop: () => Promise.resolve(),
  }),
);
