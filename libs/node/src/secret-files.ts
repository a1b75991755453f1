/** Files that settings name and that hold a secret or a certificate; none named is null. No message quotes a content. */
import { readFileSync } from 'node:fs';
import { errorText } from '@polyplex/base';
import { ConfigError, readSecret } from '@polyplex/config';
import { isServerPassword } from '@polyplex/protocol-common';

/** The first line of the file. Throws `ConfigError` naming `setting`. */
export function secretOf(setting: string, path: string | null): string | null {
  return path === null ? null : readSecret(setting, path);
}

/** The whole file. Throws `ConfigError` naming `setting`. */
export function textOf(setting: string, path: string | null): string | null {
  if (path === null) return null;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([{ setting, message: `${path} cannot be read: ${errorText(error)}`, source: null }]);
  }
}

/** A password that addresses hold (SMP §1.4, XFTP §1.3). Throws `ConfigError` when no client could send it. */
export function serverPasswordOf(setting: string, path: string | null): string | null {
  const password = secretOf(setting, path);
  if (password !== null && !isServerPassword(password)) {
    const message = `the password in ${String(path)} may have printable characters except space, @, : and / only`;
    throw new ConfigError([{ setting, message, source: null }]);
  }
  return password;
}

/** The settings of an admin port that name its tokens; `section` is theirs. */
export interface TokenFiles {
  readonly tokenFile: string | null;
  readonly readerTokenFile: string | null;
}

/** Both tokens of an admin port; null for none. Throws `ConfigError` when they are the same: a reader would be an administrator. */
export function adminTokensOf(section: string, { tokenFile, readerTokenFile }: TokenFiles): { readonly token: string | null; readonly readerToken: string | null } {
  const token = secretOf(`${section}.tokenFile`, tokenFile);
  const readerToken = secretOf(`${section}.readerTokenFile`, readerTokenFile);
  if (token !== null && token === readerToken) {
    throw new ConfigError([{ setting: `${section}.readerTokenFile`, message: `must hold another token than ${section}.tokenFile`, source: null }]);
  }
  return { token, readerToken };
}
