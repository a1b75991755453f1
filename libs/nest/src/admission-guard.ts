/**
 * Who may use the admin port. With a token: whoever carries it. Without: requests to a loopback address *by a loopback
 * name*, or a page in the operator's browser could reach the port through a name of its own (DNS rebinding).
 * What changes something must be JSON, which no form of another site can send.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, ForbiddenException, UnauthorizedException, UnsupportedMediaTypeException } from '@nestjs/common';

export interface AdminRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const OPEN_PATHS = ['/healthz', '/readyz'];
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

export class AdmissionGuard implements CanActivate {
  readonly #expected: Buffer | null;

  constructor(token: string | null) {
    this.#expected = token === null ? null : digest(`Bearer ${token}`);
  }

  canActivate(context: ExecutionContext): boolean {
    return this.admits(context.switchToHttp().getRequest<AdminRequest>());
  }

  /** Throws the HTTP answer for who is not admitted. */
  admits({ method, url, headers }: AdminRequest): true {
    if (OPEN_PATHS.includes(url)) return true;
    this.#identify(headers);
    const isJson = String(headers['content-type']).startsWith('application/json');
    if (method === 'POST' && !isJson) throw new UnsupportedMediaTypeException('the body must be JSON');
    return true;
  }

  #identify({ host, authorization }: AdminRequest['headers']): void {
    if (this.#expected === null) {
      if (typeof host !== 'string' || !LOOPBACK_HOST.test(host)) throw new ForbiddenException('only by a loopback name');
    } else if (typeof authorization !== 'string' || !timingSafeEqual(digest(authorization), this.#expected)) {
      throw new UnauthorizedException('a token is required');
    }
  }
}
