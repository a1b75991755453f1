/**
 * The errors inside ERR (SMP §5.7). Text that mixes two styles: words separated by spaces, and, inside broker
 * errors, short strings with a length byte.
 */
import { lenientTextOf, utf8 } from '@polyplex/base';
import { type Codec, codec, DecodeError, type Reader, shortString, sp, tail, type Writer } from '@polyplex/codec';
import {
  type BlockingInfo, blockingInfo, type CommandError, commandErrorWord, isTransportError, oneOf, readWord, textOfError, type TransportError,
} from '@polyplex/protocol-common';

const PLAIN_ERRORS = [
  'BLOCK', 'SESSION', 'AUTH', 'SERVICE', 'CRYPTO', 'QUOTA', 'EXPIRED', 'NO_MSG', 'LARGE_MSG', 'INTERNAL', 'DUPLICATE_',
] as const;

type PlainError = (typeof PLAIN_ERRORS)[number];

/** What went wrong between a proxy and a destination relay. */
export type BrokerError =
  | { readonly type: 'RESPONSE' | 'UNEXPECTED'; readonly text: string }
  | { readonly type: 'NETWORK' | 'TIMEOUT' | 'HOST' | 'NO_SERVICE' }
  | { readonly type: 'TRANSPORT'; readonly error: TransportError };

export type ProxyError =
  | { readonly type: 'PROTOCOL'; readonly error: SmpError }
  | { readonly type: 'BROKER'; readonly error: BrokerError }
  | { readonly type: 'BASIC_AUTH' | 'NO_SESSION' };

export type SmpError =
  | { readonly type: PlainError }
  | { readonly type: 'CMD'; readonly error: CommandError }
  | { readonly type: 'PROXY'; readonly error: ProxyError }
  | { readonly type: 'BLOCKED'; readonly info: BlockingInfo }
  | { readonly type: 'STORE'; readonly text: string };

function put(w: Writer, text: string): void {
  w.put(utf8(text));
}

const transportError: Codec<TransportError> = codec(
  (r) => {
    let text = readWord(r);
    if (text === 'HANDSHAKE') {
      sp.read(r);
      text += ` ${readWord(r)}`;
    }
    if (!isTransportError(text)) throw new DecodeError('unknown transport error');
    return text;
  },
  put,
);

const brokerError: Codec<BrokerError> = codec(
  (r) => {
    const type = oneOf(['RESPONSE', 'UNEXPECTED', 'NETWORK', 'TIMEOUT', 'HOST', 'NO_SERVICE', 'TRANSPORT'], readWord(r));
    switch (type) {
      case 'RESPONSE':
      case 'UNEXPECTED':
        sp.read(r);
        return { type, text: lenientTextOf(shortString.read(r)) };
      case 'TRANSPORT':
        sp.read(r);
        return { type, error: transportError.read(r) };
      case 'NETWORK':
        r.rest(); // details that some versions add; nothing is written after it
        return { type };
      default:
        return { type };
    }
  },
  (w, error) => {
    put(w, error.type);
    if (error.type === 'RESPONSE' || error.type === 'UNEXPECTED') {
      sp.write(w);
      shortString.write(w, utf8(error.text).subarray(0, 255));
    } else if (error.type === 'TRANSPORT') {
      sp.write(w);
      transportError.write(w, error.error);
    }
  },
);

const proxyError: Codec<ProxyError> = codec(
  (r) => {
    const type = oneOf(['PROTOCOL', 'BROKER', 'BASIC_AUTH', 'NO_SESSION'], readWord(r));
    if (type === 'BASIC_AUTH' || type === 'NO_SESSION') return { type };
    sp.read(r);
    return type === 'PROTOCOL' ? { type, error: smpError.read(r) } : { type, error: brokerError.read(r) };
  },
  (w, error) => {
    put(w, error.type);
    if (error.type === 'PROTOCOL' || error.type === 'BROKER') sp.write(w);
    if (error.type === 'PROTOCOL') smpError.write(w, error.error);
    else if (error.type === 'BROKER') brokerError.write(w, error.error);
  },
);

const MAX_NESTING = 4;
let depth = 0; // PROXY PROTOCOL nests; hostile input must not recurse without bound

export const smpError: Codec<SmpError> = codec(
  (r) => {
    const type = readWord(r);
    switch (type) {
      case 'CMD':
        sp.read(r);
        return { type, error: commandErrorWord.read(r) };
      case 'PROXY':
        return { type, error: nestedProxyError(r) };
      case 'BLOCKED':
        sp.read(r);
        return { type, info: blockingInfo.read(r) };
      case 'STORE':
        sp.read(r);
        return { type, text: lenientTextOf(tail.read(r)) };
      default:
        return { type: oneOf(PLAIN_ERRORS, type) };
    }
  },
  (w, error) => {
    put(w, error.type);
    if ('error' in error || 'info' in error || 'text' in error) sp.write(w);
    if (error.type === 'CMD') commandErrorWord.write(w, error.error);
    else if (error.type === 'PROXY') proxyError.write(w, error.error);
    else if (error.type === 'BLOCKED') blockingInfo.write(w, error.info);
    else if (error.type === 'STORE') put(w, error.text);
  },
);

function nestedProxyError(r: Reader): ProxyError {
  sp.read(r);
  if (depth >= MAX_NESTING) throw new DecodeError('errors nested too deeply');
  depth++;
  try {
    return proxyError.read(r);
  } finally {
    depth--;
  }
}

/** The error as `CMD SYNTAX`, `PROXY BROKER HOST` …: for logs and messages to people. */
export function smpErrorText(error: SmpError): string {
  return textOfError(smpError, error);
}

export function commandError(error: CommandError): SmpError {
  return { type: 'CMD', error };
}

export const AUTH_ERROR: SmpError = { type: 'AUTH' };
export const PROHIBITED: SmpError = commandError('PROHIBITED');
