/**
 * FGET: the chunk, encrypted for this download alone (XFTP §4.4, §5.6). The body is read as the client takes it, so that a
 * transfer holds a piece or two; removing the file meanwhile does not end it.
 */
import { SECOND } from '@polyplex/base';
import { agree, boxKeyOf, BOX_NONCE_BYTES, type BoxKey, createBoxSealer, generateKeyPair, randomBytes } from '@polyplex/crypto';
import { AUTH_ERROR, errorReply } from '@polyplex/protocol-xftp';
import type { ChunkBody } from '@polyplex/store-contract';
import type { FileContext, FileHandler, FileServer, Outcome, OutgoingChunk } from '../context.ts';

type Context = FileContext<'FGET'>;

export const downloadChunk: FileHandler<'FGET'> = async (context) => {
  const { call: { server, sender, broken }, file } = context;
  if (file.bodyId === null) return { reply: errorReply({ type: 'NO_FILE' }) };
  const leave = await server.downloads.take({ addressKey: sender.connection.addressKey, connection: sender.connection }, broken);
  if (leave === null) return { reply: errorReply({ type: 'TIMEOUT' }) };
  let outcome: Outcome | null = null;
  try {
    outcome = await open(context, file.bodyId, leave);
    return outcome;
  } finally {
    if (outcome?.chunk === undefined) leave();
  }
};

async function open({ call: { server }, file, incoming }: Context, bodyId: string, leave: () => void): Promise<Outcome> {
  const keys = generateKeyPair('x25519');
  const secret = agree(keys.privateKey, incoming.command.dhKey);
  if (secret === null) return { reply: errorReply(AUTH_ERROR) };
  const body = await server.chunks.read(bodyId);
  if (body === null) {
    server.log.error('a body is missing');
    return { reply: errorReply(AUTH_ERROR) };
  }
  server.stats.fileDownloads.add();
  server.stats.filesDownloaded.add(file.senderId);
  const nonce = randomBytes(BOX_NONCE_BYTES);
  const chunk = outgoingChunk(server, body, { key: boxKeyOf(secret), nonce, leave });
  return { reply: { tag: 'FILE', dhKey: keys.publicKey, nonce }, chunk };
}

interface Sealing {
  readonly key: BoxKey;
  readonly nonce: Uint8Array;
  readonly leave: () => void;
}

function outgoingChunk({ stats }: FileServer, body: ChunkBody, { key, nonce, leave }: Sealing): OutgoingChunk {
  const source = body.pieces[Symbol.asyncIterator]();
  const began = performance.now();
  async function* sealed(): AsyncGenerator<Uint8Array, void> {
    const sealer = createBoxSealer(key, nonce);
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      stats.bytesDownloaded.add(next.value.length);
      // A piece of the ChunkStore is ours, so it is encrypted in its own memory.
      yield sealer.update(next.value);
      // It was sent, or the next one would not be asked for.
      body.release?.(next.value);
    }
    yield sealer.finish();
    // Whoever takes the tag and asks on has the whole.
    stats.transferSeconds.of('download').observe((performance.now() - began) / SECOND);
  }
  return {
    pieces: sealed(),
    async close() {
      leave();
      await source.return?.();
    },
  };
}
