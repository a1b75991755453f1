/** Browsers: the portable provider is the only one, and nothing to be sorry about. */
import { portableProvider } from '../portable-provider.ts';
import type { CryptoProvider } from '../provider.ts';

export const cryptoProvider: CryptoProvider = portableProvider;

export const cryptoFallbackReason: string | null = null;
