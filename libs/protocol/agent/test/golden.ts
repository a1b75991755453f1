/** Golden data of the reference implementation (simplexmq 6.5.5): `vectors/links.json`, `vectors/client-envelopes.json`; binary values in hex. */
import { readFileSync } from 'node:fs';

interface GoldenServer {
  readonly hosts: readonly string[];
  readonly port: string;
  readonly keyHash: string;
}

export interface GoldenQueue {
  readonly server: GoldenServer;
  readonly senderId: string;
  readonly dhPublicKey: string;
  readonly queueMode: 'messaging' | 'contact' | null;
  readonly smpEncode: string;
}

interface GoldenLinkData {
  readonly name: string;
  readonly mode: 'invitation' | 'contact';
  readonly linkId: string;
  readonly linkKey: string;
  readonly linkEntityId: string | null;
  readonly linkConnReqSmp: string;
  readonly rootKey: { readonly pkcs8Der: string; readonly publicRaw: string };
  readonly encryptedFixedData: string;
  readonly encryptedUserData: string;
  readonly signedFixedData: string;
  readonly signedUserData: string;
  readonly userDataPlain: string;
  readonly direct?: boolean;
  readonly owners?: readonly { readonly ownerId: string; readonly authOwnerSig: string; readonly ownerKey: string }[];
  readonly relays?: readonly string[];
}

interface Links {
  readonly queueUris: readonly (GoldenQueue & { readonly versionRange: readonly [number, number]; readonly strEncode: string })[];
  readonly queueInfos: readonly (GoldenQueue & { readonly clientVersion: number })[];
  readonly connectionRequests: readonly { readonly name: string; readonly mode: string; readonly smpEncode: string; readonly strEncode: string; readonly clientData: string | null }[];
  readonly contactSimplexChatUri: string;
  readonly shortLinks: readonly { readonly name: string; readonly mode: string; readonly contactType?: string; readonly smpEncode: string; readonly strEncode: string; readonly linkKey: string; readonly server: GoldenServer }[];
  readonly linkData: readonly GoldenLinkData[];
  readonly agentMessages: readonly { readonly name: string; readonly smpEncode: string }[];
  readonly agentEnvelopes: readonly { readonly name: string; readonly smpEncode: string }[];
}

interface ClientEnvelopes {
  readonly dhSecret: string;
  readonly samples: readonly { readonly body: string; readonly clientMessage: string; readonly clientVersion: number; readonly e2ePubDhKey: string | null; readonly envelope: string; readonly nonce: string; readonly privHeader: string }[];
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8'));

export const links = read('links.json') as Links;
export const clientEnvelopes = read('client-envelopes.json') as ClientEnvelopes;

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
