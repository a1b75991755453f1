/** Golden data of the reference implementation (simplexmq 6.5.5), all binary values in hex: `vectors/boxes.json`. */
import { readFileSync } from 'node:fs';

interface VectorKey {
  readonly pkcs8Der: string;
  readonly raw: string;
  readonly publicSpkiDer: string;
  readonly publicRaw: string;
}

interface BoxSample {
  readonly message: string;
  readonly nonce: string;
  readonly paddedLength: number;
  readonly boxNoPad: string;
  readonly boxPadded: string;
}

interface ChainVectorStep {
  readonly plaintext: string;
  readonly paddedLength: number;
  readonly sbKey: string;
  readonly nonce: string;
  readonly encrypted: string;
}

interface Boxes {
  readonly keys: readonly {
    readonly algorithm: string;
    readonly privatePkcs8Der: string;
    readonly privateRaw: string;
    readonly publicRaw: string;
    readonly publicSpkiDer: string;
  }[];
  readonly dh: readonly { readonly private: VectorKey; readonly peer: VectorKey; readonly secret: string }[];
  readonly signatures: {
    readonly ed25519: VectorKey;
    readonly ed448: VectorKey;
    readonly samples: readonly { readonly algorithm: string; readonly message: string; readonly signature: string }[];
  };
  readonly cryptoBox: { readonly dhSecret: string; readonly samples: readonly BoxSample[] };
  readonly secretBox: { readonly key: string; readonly samples: readonly BoxSample[] };
  readonly secretBoxTailTag: {
    readonly key: string;
    readonly samples: readonly {
      readonly message: string;
      readonly nonce: string;
      readonly paddedLength: number;
      readonly encrypted: string | null;
      readonly encryptedSha256: string;
    }[];
  };
  readonly authenticator: {
    readonly privateKey: VectorKey;
    readonly peerKey: VectorKey;
    readonly samples: readonly { authenticator: string; message: string; nonce: string; sha512: string }[];
  };
  readonly blockChain: {
    readonly sessionId: string;
    readonly dhSecret: string;
    readonly serverSndClientRcvChainKey: string;
    readonly serverRcvClientSndChainKey: string;
    readonly serverSndSteps: readonly ChainVectorStep[];
    readonly serverRcvSteps: readonly ChainVectorStep[];
  };
  readonly clientMsgEnvelopes: {
    readonly dhSecret: string;
    readonly samples: readonly { clientMessage: string; envelope: string; nonce: string; paddedLength: number }[];
  };
  readonly hkdfSha512: readonly { ikm: string; info: string; length: number; output: string; salt: string }[];
  readonly cbNonce: readonly { readonly input: string; readonly nonce: string; readonly reversed: string }[];
  readonly hashes: { input: string; sha256: string; sha512: string; sha3_256: string; sha3_384: string };
}

export const boxes = JSON.parse(readFileSync(new URL('vectors/boxes.json', import.meta.url), 'utf8')) as Boxes;
