/** Imported first: from then on the name of the crypto library leads to the quick one, and sources may be changed on their way. */
import { registerHooks } from 'node:module';
import type { Mutant } from './mutants.ts';

const SHIM = new URL('crypto-shim.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@polyplex/crypto' && context.parentURL !== SHIM ? { url: SHIM, shortCircuit: true, format: 'module-typescript' } : next(specifier, context),
});

/** Whoever is imported from here on has this mistake. Throws where there is nothing to be mistaken about. */
export function mutate({ file, find, replace }: Mutant): void {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith(`libs/agent/${file}`)) return loaded;
      const source = new TextDecoder().decode(loaded.source as Uint8Array);
      if (!source.includes(find)) throw new Error(`${file} has no: ${find}`);
      return { ...loaded, source: source.replace(find, replace) };
    },
  });
}
