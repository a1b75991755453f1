/**
 * Which provider the process uses, decided once at load: native when it loads and passes its known answers, else
 * portable. The relay reports `cryptoFallbackReason` in its log and metrics, since it is then an order slower.
 */
import { errorText } from '@polyplex/base';
import { nativeProvider } from './native-provider.ts';
import { portableProvider } from './portable-provider.ts';
import type { CryptoProvider } from './provider.ts';
import { selfCheck } from './self-check.ts';

export interface ProviderChoice {
  readonly provider: CryptoProvider;
  /** One line for the operator, without secrets; null when the native provider is in use. */
  readonly fallbackReason: string | null;
}

/** Takes what `loadNative` returns unless it throws or gives a wrong answer. */
export function chooseProvider(loadNative: () => CryptoProvider): ProviderChoice {
  let native: CryptoProvider;
  try {
    native = loadNative();
  } catch (error) {
    return { provider: portableProvider, fallbackReason: errorText(error) };
  }
  const failed = selfCheck(native);
  if (failed === null) return { provider: native, fallbackReason: null };
  return { provider: portableProvider, fallbackReason: `the native provider fails its self-check: ${failed}` };
}

const choice = chooseProvider(nativeProvider);

export const cryptoProvider: CryptoProvider = choice.provider;

/** Why the portable provider is in use; null when the native one is. */
export const cryptoFallbackReason: string | null = choice.fallbackReason;
