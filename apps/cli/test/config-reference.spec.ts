/** The page that documents every setting of every server. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configReference } from '@polyplex/config';
import { expect, it } from 'vitest';
import { polyplexConfig } from '../src/settings/polyplex-config.ts';

it('docs/configuration.md is what `polyplex config reference` prints', () => {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/configuration.md', import.meta.url)), 'utf8');
  expect(page).toBe(configReference(polyplexConfig));
});
