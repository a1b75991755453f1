/** A compose file as Docker Compose understands it: read by its own library (tools/compose-check), defaults filled in. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { workspaceRoot } from '../workspaces.ts';

const run = promisify(execFile);
const READER = join(workspaceRoot, 'node_modules/.cache/deploy/compose-check');

interface Mount {
  readonly type: 'bind' | 'volume';
  /** A path, or the name of a volume. */
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
}

type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

export interface ComposeService {
  readonly image: string;
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: Condition }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly networks?: Readonly<Record<string, { readonly ipv4_address?: string } | null>>;
  readonly ports?: readonly { readonly target: number; readonly published: string; readonly host_ip?: string }[];
  readonly secrets?: readonly { readonly source: string }[];
  readonly volumes?: readonly Mount[];
  readonly restart?: string;
  readonly mem_limit?: string;
  readonly ulimits?: { readonly nofile?: number };
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly init?: boolean;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** Rejects with what is wrong with the file. `profiles`: those that are on; `*` is all. */
export async function readCompose(path: string, options: { readonly profiles?: readonly string[]; readonly environment?: Readonly<Record<string, string>> } = {}): Promise<ComposeFile> {
  const { profiles = [], environment = {} } = options;
  const { stdout } = await run(READER, [path, ...profiles], { env: environment, maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout) as ComposeFile;
}
