/** What the files say about a relay that need not be running. */
import { readSecret } from '@polyplex/config';
import { readIdentity, relayAddress, type SmpConfig } from 'smp-server';

export interface AddressChoice {
  readonly withPassword: boolean;
  readonly boundPort?: number | undefined;
}

/** The relay's address; throws `NodeError` or `ConfigError` when its files cannot be used. */
export function addressOf(config: SmpConfig, { withPassword, boundPort }: AddressChoice): string {
  const { passwordFile } = config.access;
  const password = withPassword && passwordFile !== null ? readSecret('access.passwordFile', passwordFile) : null;
  return relayAddress(config, { fingerprint: readIdentity(config.identity).fingerprint, password, boundPort });
}
