/**
 * The least that a relay at version 18 can do with Node and the libraries there are: TLS as in `echo.ts`, and for each message its
 * cryptography and no more. Nobody parses, stores or counts anything, and keys are fixed.
 */
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { advanceChain, BOX_TAG_BYTES, boxKeyOf, nonceOf, openPaddedBoxInto, randomBytes, sealBoxInto, sha512 } from '@polyplex/crypto';
import { BLOCK_SIZE_BYTES } from '@polyplex/protocol-common';
import { repliesTo } from '../lib/floor-blocks.ts';
import { freshCredentials, obey } from './obey.ts';

const { credentials, certificatePem, keyPem } = freshCredentials();
const [key, id] = [boxKeyOf(randomBytes(32)), nonceOf(randomBytes(24))];
const reply = new Uint8Array(new ArrayBuffer(BLOCK_SIZE_BYTES));
const body = new Uint8Array(new ArrayBuffer(BLOCK_SIZE_BYTES));
/** Boxes that open: of others, only the tag would be computed. Of the second one little is content, the rest padding. */
const [sendBox, ackBox] = [boxOf(BLOCK_SIZE_BYTES - BOX_TAG_BYTES - 2), boxOf(200)];

function boxOf(contentBytes: number): Uint8Array {
  const box = new Uint8Array(new ArrayBuffer(BLOCK_SIZE_BYTES));
  box.set([contentBytes >> 8, contentBytes & 0xff], BOX_TAG_BYTES);
  sealBoxInto(box, key, id, box.subarray(BOX_TAG_BYTES));
  return box;
}

class Served {
  private chain = randomBytes(32);
  private partial = 0;
  private blocks = 0;

  /** Blocks are counted; of which bytes they are does not matter to what they cost. */
  received(chunk: Uint8Array): number {
    const whole = this.partial + chunk.length;
    this.partial = whole % BLOCK_SIZE_BYTES;
    let replies = 0;
    for (let i = Math.floor(whole / BLOCK_SIZE_BYTES); i > 0; i--) {
      // The first of two is the SEND, whose block is hashed and whose body is sealed for the recipient; the other the ACK.
      const isSend = this.blocks++ % 2 === 0;
      this.open(isSend ? sendBox : ackBox);
      if (isSend) this.message();
      else replies += repliesTo((this.blocks >> 1) - 1);
    }
    return replies;
  }

  private open(box: Uint8Array): void {
    this.step();
    if (!openPaddedBoxInto(body.subarray(BOX_TAG_BYTES), key, id, box)) throw new Error('the box does not open');
  }

  private message(): void {
    sha512(body);
    sealBoxInto(body, key, id, body.subarray(BOX_TAG_BYTES));
  }

  reply(): Uint8Array {
    this.step();
    sealBoxInto(reply, key, id, reply.subarray(BOX_TAG_BYTES));
    return reply;
  }

  private step(): void {
    this.chain = advanceChain(this.chain).chainKey;
  }
}

const server = createServer(
  {
    cert: certificatePem, key: keyPem, minVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256', ecdhCurve: 'X448:X25519',
    sigalgs: 'ed448:ed25519', ALPNProtocols: ['smp/1'],
  },
  (socket) => {
    const served = new Served();
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Uint8Array) => {
      for (let replies = served.received(chunk); replies > 0; replies--) socket.write(served.reply());
    });
  },
);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  obey({ port, chain: credentials.chain, stop: () => Promise.resolve(void server.close()) });
});
