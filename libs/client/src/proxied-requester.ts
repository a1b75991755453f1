/** A relay behind a proxy that opens its session when first used, and again when the proxy has forgotten it (SMP §10.12). */
import type { ServerAddress } from '@polyplex/protocol-common';
import { type SmpCommand, type SmpReply } from '@polyplex/protocol-smp';
import { ProxyRefusedError } from './client-error.ts';
import { openProxySession, type OpenProxySessionOptions, type ProxySession } from './proxy-session.ts';
import type { Requester, RequestOptions } from './requester.ts';

export class ProxiedRequester {
  private readonly proxy: Pick<Requester, 'request'>;
  private readonly relay: ServerAddress;
  private readonly options: OpenProxySessionOptions;
  private opening: Promise<ProxySession> | null = null;

  constructor(proxy: Pick<Requester, 'request'>, relay: ServerAddress, options: OpenProxySessionOptions = {}) {
    this.proxy = proxy;
    this.relay = relay;
    this.options = options;
  }

  /** The session, shared by all who ask; a failed attempt is not kept. Rejects as `openProxySession`. */
  session(): Promise<ProxySession> {
    if (this.opening === null) {
      const opening = openProxySession(this.proxy, this.relay, this.options);
      this.opening = opening;
      opening.catch(() => this.forget(opening));
    }
    return this.opening;
  }

  /** Rejects as `ProxySession.request`; repeats once, with fresh keys, when the proxy knows no such session. */
  async request(command: SmpCommand, options?: RequestOptions): Promise<SmpReply> {
    const opening = this.session();
    const session = await opening;
    try {
      return await session.request(command, options);
    } catch (error) {
      if (!(error instanceof ProxyRefusedError && error.isSessionGone)) throw error;
    }
    this.forget(opening);
    return (await this.session()).request(command, options);
  }

  private forget(opening: Promise<ProxySession>): void {
    if (this.opening === opening) this.opening = null;
  }
}
