/**
 * The architecture is a lint rule; these tests prove that it fires. Each plants one import into a file of a real library
 * (in memory) and lints it with the workspace's own configuration.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';
import { workspacePackages, workspaceRoot } from '../workspaces.ts';
import { productionConstraints } from '../lint/layers.ts';

const BOUNDARIES = '@nx/enforce-module-boundaries';
const OWNERS = 'no-restricted-imports';

/** Library file, what it is made to import, and the rule that must object. */
const FORBIDDEN = [
  ['libs/base/src/bytes.ts', '@polyplex/crypto', BOUNDARIES],
  ['libs/codec/src/codec.ts', '@polyplex/crypto', BOUNDARIES],
  ['libs/protocol/common/src/block.ts', '@polyplex/transport-tls', BOUNDARIES],
  ['libs/server/smp/src/options.ts', '@polyplex/transport-tls', BOUNDARIES],
  ['libs/server/smp/src/options.ts', '@polyplex/store-embedded', BOUNDARIES],
  ['libs/server/smp/src/options.ts', '@polyplex/testing', BOUNDARIES],
  ['libs/server/smp/src/options.ts', '@nestjs/common', BOUNDARIES],
  ['libs/server/smp/src/options.ts', 'rxjs', BOUNDARIES],
  ['libs/store/embedded/src/tables.ts', '@polyplex/server-smp', BOUNDARIES],
  ['libs/server/smp/src/options.ts', 'smp-server', BOUNDARIES],
  ['libs/node/src/keyring.ts', '@polyplex/server-smp', BOUNDARIES],
  ['libs/node/src/keyring.ts', 'smp-server', BOUNDARIES],
  ['apps/smp-server/src/warnings.ts', 'xftp-server', BOUNDARIES],
  ['libs/server/smp/src/options.ts', '../../../base/src/bytes.ts', BOUNDARIES],
  ['libs/web-files/src/failure.ts', '@polyplex/transport-http2', BOUNDARIES],
  ['libs/server/smp/src/options.ts', 'node:net', OWNERS],
  ['libs/protocol/smp/src/commands.ts', 'node:fs', OWNERS],
  ['libs/server/smp/src/options.ts', 'lmdb', OWNERS],
  ['libs/transport/tls/src/tls-engine.ts', 'sodium-native', OWNERS],
] as const;

const ALLOWED = [
  ['libs/server/smp/src/options.ts', '@polyplex/store-contract'],
  ['libs/transport/tls/src/tls-engine.ts', 'node:net'],
  ['libs/store/embedded/src/tables.ts', 'node:fs'],
  ['libs/server/smp/test/support/queue.ts', '@polyplex/store-embedded'],
] as const;

let eslint: ESLint;

beforeAll(() => {
  eslint = new ESLint({ cwd: workspaceRoot });
});

/** Names of the rules that object to the last line of `file` when that line imports `specifier`. */
async function objections(file: string, line: string): Promise<(string | null)[]> {
  const filePath = resolve(workspaceRoot, file);
  const source = `${readFileSync(filePath, 'utf8').trimEnd()}\n`;
  const planted = source.split('\n').length;
  const [result] = await eslint.lintText(`${source}${line}\n`, { filePath });
  return (result?.messages ?? []).filter((message) => message.line === planted).map((message) => message.ruleId);
}

describe('who may import whom', () => {
  it.each(FORBIDDEN)('%s must not import %s', async (file, specifier, rule) => {
    expect(await objections(file, `import '${specifier}';`)).toContain(rule);
  });

  it.each(ALLOWED)('%s may import %s', async (file, specifier) => {
    expect(await objections(file, `import '${specifier}';`)).toEqual([]);
  });

  it('finds circles of files', async () => {
    const circle = "export * as circle from './index.ts';";
    expect(await objections('libs/base/src/bytes.ts', circle)).toContain('import-x/no-cycle');
  });

  it('keeps the environment to the configuration', async () => {
    expect(await objections('libs/server/smp/src/options.ts', 'void process.env;')).toContain('no-restricted-properties');
  });

  it('judges every package: each has tags, and each layer has a row', () => {
    const judged = productionConstraints.map((constraint) => constraint.sourceTag);
    for (const { manifest } of workspacePackages()) {
      const tags = manifest.nx?.tags ?? [];
      expect(tags.filter((tag) => tag.startsWith('layer:')), manifest.name).toHaveLength(1);
      expect(tags.filter((tag) => tag.startsWith('runtime:')), manifest.name).toHaveLength(1);
      expect(judged, manifest.name).toEqual(expect.arrayContaining([...tags]));
    }
    expect(judged).not.toContain('*');
  });
});
