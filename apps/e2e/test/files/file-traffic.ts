/** Clients of a file server that go on while it is killed, and remember what they were answered. */
import { type AuthPublicKey, connectXftp, type EntityKey, http2Dial, isTemporary, type XftpClient, XftpRefusedError } from '@polyplex/client';
import { generateKeyPair, randomBytes, sha256 } from '@polyplex/crypto';
import { type AddressText, parseAddress } from '@polyplex/protocol-common';

const SIZES = [65_536, 262_144, 1_048_576] as const;
const RETRY_MS = 30;

/** A chunk whose upload was answered OK. */
export interface Kept {
  readonly size: number;
  readonly digest: Uint8Array;
  readonly sender: EntityKey;
  readonly recipient: EntityKey;
}

export interface Counts {
  uploaded: number;
  downloaded: number;
  deleted: number;
  /** Requests that a kill cut off. */
  cut: number;
  /** Answers that nobody should get, as text. */
  readonly wrong: string[];
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function addressOf(text: string): AddressText {
  return { ...parseAddress(text)!, hosts: ['127.0.0.1'] };
}

export function connectTo(address: AddressText): Promise<XftpClient> {
  return connectXftp({ address, dial: http2Dial({ allowAddress: () => true }) });
}

/** Pieces as a line brings them, so that a kill comes in the middle. */
async function* slowly(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 16_384) {
    yield bytes.subarray(at, at + 16_384);
    await pause(0);
  }
}

export class FileTraffic {
  readonly counts: Counts = { uploaded: 0, downloaded: 0, deleted: 0, cut: 0, wrong: [] };
  readonly #addresses: readonly AddressText[];
  readonly #kept = new Set<Kept>();
  /** Of chunks whose upload or deletion was cut off: it may or may not have happened. */
  readonly unsure = new Set<EntityKey>();
  readonly #workers: Promise<void>[] = [];
  #stopped = false;

  /** Each worker begins at one of the addresses, and goes to the next when it loses its connection. */
  constructor(addresses: readonly string[], workers: number) {
    this.#addresses = addresses.map(addressOf);
    for (let i = 0; i < workers; i++) this.#workers.push(this.#work(i));
  }

  get kept(): readonly Kept[] {
    return [...this.#kept];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#workers);
  }

  async #work(first: number): Promise<void> {
    for (let at = first; !this.#stopped; at++) {
      let client: XftpClient | null = null;
      try {
        client = await connectTo(this.#addresses[at % this.#addresses.length]!);
        while (!this.#stopped) await this.#turn(client);
      } catch (error) {
        if (isTemporary(error)) this.counts.cut++;
        else this.counts.wrong.push(String(error));
        await pause(RETRY_MS);
      } finally {
        client?.close();
      }
    }
  }

  async #turn(client: XftpClient): Promise<void> {
    await this.#upload(client);
    const kept = this.kept;
    const some = kept[Math.floor(Math.random() * kept.length)];
    if (some !== undefined && this.#kept.has(some)) await this.#download(client, some);
    if (kept.length > 10 && Math.random() < 0.4) await this.#delete(client, kept[0]!);
  }

  async #upload(client: XftpClient): Promise<void> {
    const size = SIZES[Math.floor(Math.random() * SIZES.length)]!;
    const body = randomBytes(size);
    const [sender, recipient] = [generateKeyPair('ed25519'), generateKeyPair('ed25519')];
    const chunk = { size, digest: sha256(body) };
    const recipientKeys: readonly AuthPublicKey[] = [recipient.publicKey];
    const { senderId, recipientIds } = await client.createChunk({ ...chunk, sender, recipientKeys, password: this.#addresses[0]!.password });
    const own = { id: senderId, key: sender.privateKey };
    this.unsure.add(own);
    await client.uploadChunk(own, size, slowly(body));
    this.unsure.delete(own);
    this.counts.uploaded++;
    this.#kept.add({ ...chunk, sender: own, recipient: { id: recipientIds[0]!, key: recipient.privateKey } });
  }

  async #download(client: XftpClient, kept: Kept): Promise<void> {
    try {
      await client.downloadChunk(kept.recipient, kept, () => undefined);
      this.counts.downloaded++;
    } catch (error) {
      // Another worker may have deleted it meanwhile.
      if (this.#kept.has(kept)) throw error;
    }
  }

  /** From here on nobody expects it. */
  async #delete(client: XftpClient, kept: Kept): Promise<void> {
    if (!this.#kept.delete(kept)) return;
    this.unsure.add(kept.sender);
    await client.deleteChunk(kept.sender);
    this.unsure.delete(kept.sender);
    this.counts.deleted++;
  }
}

/** How many of these do not download whole; the errors are in `wrong`. */
export async function missing(address: string, kept: readonly Kept[]): Promise<string[]> {
  const client = await connectTo(addressOf(address));
  const wrong: string[] = [];
  for (const chunk of kept) {
    await client.downloadChunk(chunk.recipient, chunk, () => undefined).catch((error: unknown) => void wrong.push(String(error)));
  }
  client.close();
  return wrong;
}

/** Deletes these; of the unsure ones those that are there. */
export async function deleteAll(address: string, kept: readonly Kept[], unsure: Iterable<EntityKey>): Promise<void> {
  const client = await connectTo(addressOf(address));
  for (const { sender } of kept) await client.deleteChunk(sender);
  for (const sender of unsure) {
    await client.deleteChunk(sender).catch((error: unknown) => {
      if (!(error instanceof XftpRefusedError)) throw error;
    });
  }
  client.close();
}

/** A gauge on the admin port. */
export async function gauge(adminUrl: string, name: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? NaN);
}
