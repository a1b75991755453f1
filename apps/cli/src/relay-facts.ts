/** What the files say about a relay that need not be running. */
import { readIdentity, readServerPassword, relayAddress, type SmpConfig } from 'smp-server';

export interface AddressChoice {
  readonly withPassword: boolean;
  readonly boundPort?: number | undefined;
}

/** The relay's address; throws `NodeError` or `ConfigError` when its files cannot be used. */
export function addressOf(config: SmpConfig, { withPassword, boundPort }: AddressChoice): string {
  const password = withPassword ? readServerPassword(config.access) : null;
  return relayAddress(config, { fingerprint: readIdentity(config.identity).fingerprint, password, boundPort });
}
