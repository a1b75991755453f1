/**
 * Private routing (agent §7.9, SMP §7): what senders ask of relays goes through another relay, so that theirs does not see who we are, and ours not
 * what is asked. Which relay a destination is asked through is kept for an hour, or until that fails.
 */
import { type Clock, HOUR, SECOND } from '@polyplex/base';
import { hasRouteEnded, ProxiedRequester, type Requester, routeFailure, SmpClientError } from '@polyplex/client';
import { formatAddress, type ServerAddress } from '@polyplex/protocol-common';
import { isSameServer } from '../connect/choose-server.ts';
import type { QueueServer } from '../context.ts';

export interface PrivateRoutingOptions {
  /** For which relays: all, those that are not ours, of these only where our address is not hidden anyway, or none. */
  readonly mode: 'always' | 'unknown' | 'unprotected' | 'never';
  /** Whether a relay is asked directly where no way through another can ever be: always, where our address is hidden anyway, or never. */
  readonly fallback: 'allow' | 'allow-protected' | 'prohibit';
  /** Ours: asked through, with their passwords. */
  readonly servers: readonly QueueServer[];
  /** Relays do not see our address: connections go through Tor or the like. */
  readonly isAddressHidden?: boolean;
  /** In [0, 1). */
  readonly random?: () => number;
}

export interface RoutingParts {
  readonly direct: (server: ServerAddress) => Promise<Requester>;
  readonly clock: Clock;
}

interface Route {
  readonly proxy: string;
  readonly since: number;
  /** Null: it has failed, another is better. */
  requester: ProxiedRequester | null;
}

const ROUTE_LASTS_MS = HOUR;
const MAX_ROUTES = 1024;
/** Of one command; the proxy may have to connect first. */
const OPEN_TIMEOUT_MS = 50 * SECOND;

export class PrivateRouting {
  readonly #options: PrivateRoutingOptions;
  readonly #parts: RoutingParts;
  /** By destination, the oldest first. */
  readonly #routes = new Map<string, Route>();

  constructor(options: PrivateRoutingOptions, parts: RoutingParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Rejects with `SmpClientError`: `HOST` or `TRANSPORT` where no way can be found, others where it may be found later. */
  async sender(server: ServerAddress): Promise<Requester> {
    if (!this.#isRouted(server)) return this.#parts.direct(server);
    return this.#attempt<Requester>(server, async (route) => {
      const { version } = await route.session();
      return {
        version,
        request: (command, options) => this.#attempt(server, (proxied) => proxied.request(command, options), (direct) => direct.request(command, options)),
      };
    }, (direct) => Promise.resolve(direct));
  }

  #isRouted(server: ServerAddress): boolean {
    const { mode, servers, isAddressHidden = false } = this.#options;
    if (mode === 'always' || mode === 'never') return mode === 'always';
    const isKnown = servers.some((own) => isSameServer(own, server));
    return !isKnown && !(mode === 'unprotected' && isAddressHidden);
  }

  async #attempt<T>(server: ServerAddress, through: (proxied: ProxiedRequester) => Promise<T>, directly: (requester: Requester) => Promise<T>): Promise<T> {
    const name = formatAddress(server, 'smp');
    const route = this.#routeTo(name, server);
    try {
      if (!route?.requester) throw new SmpClientError('HOST', 'there is no relay to go through');
      return await through(route.requester);
    } catch (error) {
      const failure = routeFailure(error);
      if (route !== null) route.requester = null;
      if (hasRouteEnded(failure) && this.#mayAskDirectly()) return directly(await this.#parts.direct(server));
      throw failure;
    }
  }

  #mayAskDirectly(): boolean {
    const { fallback, isAddressHidden = false } = this.#options;
    return fallback === 'allow' || (fallback === 'allow-protected' && isAddressHidden);
  }

  #routeTo(name: string, server: ServerAddress): Route | null {
    const now = this.#parts.clock.now();
    const known = this.#routes.get(name);
    if (known?.requester && now - known.since < ROUTE_LASTS_MS) return known;
    const proxy = this.#choose(server, known?.proxy);
    if (proxy === null) return null;
    this.#routes.delete(name);
    this.#prune(now);
    const route: Route = { proxy: formatAddress(proxy, 'smp'), since: now, requester: this.#requester(proxy, server) };
    this.#routes.set(name, route);
    return route;
  }

  /** By chance one of ours that is not the destination; the last one only where there is no other. */
  #choose(server: ServerAddress, last: string | undefined): QueueServer | null {
    const { servers, random = Math.random } = this.#options;
    const others = servers.filter((own) => !isSameServer(own, server));
    const fresh = others.filter((own) => formatAddress(own, 'smp') !== last);
    const choice = fresh.length > 0 ? fresh : others;
    return choice[Math.floor(random() * choice.length)] ?? null;
  }

  #prune(now: number): void {
    for (const [name, { since }] of this.#routes) {
      if (now - since < ROUTE_LASTS_MS && this.#routes.size < MAX_ROUTES) return;
      this.#routes.delete(name);
    }
  }

  #requester(proxy: QueueServer, server: ServerAddress): ProxiedRequester {
    const { password = null, hosts, port, keyHash } = proxy;
    // Its connection comes and goes; the sessions behind it are asked for anew when it has forgotten them.
    const request: Requester['request'] = async (command, options) => (await this.#parts.direct({ hosts, port, keyHash })).request(command, options);
    return new ProxiedRequester({ request }, server, { password, timeoutMs: OPEN_TIMEOUT_MS, clock: this.#parts.clock });
  }
}
