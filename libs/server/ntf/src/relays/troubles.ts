/** What is wrong with a relay, for the operator: each is told once when it begins and once when it is over. */
import type { LinkContext } from './link-context.ts';

export type RelayTrouble =
  /** Not reached for `unreachableAfterMs`. */
  | 'unreachable'
  /** Another relay answers at its address: the certificate is not that of the address. */
  | 'identity'
  /** No version, handshake or host in common. */
  | 'incompatible'
  /** Its address led to another machine than the one that we were connected to: our subscriptions there had been dead. */
  | 'moved'
  /** We are connected, and yet nobody can connect to its address. */
  | 'address'
  /** It refuses nearly everything that it had: its data is gone. */
  | 'refusing'
  /** It has fewer queues of our service than we know. */
  | 'fewer'
  /** Another holder of our service's key subscribes it. */
  | 'service-taken';

const MEANING: Readonly<Record<RelayTrouble, string>> = {
  unreachable: 'a relay has not been reached for long',
  identity: 'another relay answers at the address of this one',
  incompatible: 'a relay cannot be used: no version, host or handshake in common',
  moved: 'a relay moved: its address leads to another machine than the one that was connected; subscribing there',
  address: 'a relay’s address cannot be reached, though an older connection to it stands',
  refusing: 'a relay refuses nearly all subscriptions that it had; they are kept for now',
  fewer: 'a relay has fewer queues of our service than expected; subscribing them one by one',
  'service-taken': 'somebody else subscribes our service at a relay',
};

export const RELAY_TROUBLES = Object.keys(MEANING) as readonly RelayTrouble[];

export class Troubles {
  private readonly link: Pick<LinkContext, 'log' | 'clock' | 'host'>;
  private readonly since = new Map<RelayTrouble, number>();

  constructor(link: Pick<LinkContext, 'log' | 'clock' | 'host'>) {
    this.link = link;
  }

  get all(): readonly RelayTrouble[] {
    return [...this.since.keys()];
  }

  set(trouble: RelayTrouble, is: boolean): void {
    if (this.since.has(trouble) === is) return;
    const { log, clock, host } = this.link;
    if (is) {
      this.since.set(trouble, clock.now());
      log.warn(MEANING[trouble], { relay: host, trouble });
    } else {
      this.since.delete(trouble);
      log.info('a trouble with a relay is over', { relay: host, trouble });
    }
  }
}
