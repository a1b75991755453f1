/** Browsers have no native code. */
import { CodedError } from '@polyplex/base';
import type { CryptoProvider } from '../provider.ts';

/** Always throws `CodedError` with the code `NATIVE_UNAVAILABLE`. */
export function nativeProvider(): CryptoProvider {
  throw new CodedError('NATIVE_UNAVAILABLE', 'a browser has no native provider');
}
