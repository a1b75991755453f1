/**
 * Who may use the admin port. With tokens: whoever carries one, as far as its role goes. Without: requests to a loopback
 * address *by a loopback name*, or a page in the operator's browser could reach the port through a name of its own (DNS
 * rebinding), and not from pages of other sites. What changes something must be JSON, which no form of another site can send.
 */
import {
  type CanActivate, type ExecutionContext, ForbiddenException, HttpException, HttpStatus, UnauthorizedException, UnsupportedMediaTypeException,
} from '@nestjs/common';
import type { Role } from '@polyplex/admin-api';
import type { Clock } from '@polyplex/base';
import type { Logger } from '@polyplex/telemetry';
import { type Bearer, Tokens } from './tokens.ts';
import { WrongTokens } from './wrong-tokens.ts';

export interface AdminRequest {
  readonly method: string;
  /** Of the peer. */
  readonly ip: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Set by the guard; absent where anybody may ask. */
  bearer?: Bearer;
}

export interface Admission {
  readonly token: string | null;
  readonly readerToken: string | null;
  /** Of a route's handler. */
  readonly roleOf: (handler: unknown) => Role;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;
/** What browsers say of who makes them ask: our own page, or the person who typed the address. */
const OWN_SITES: readonly unknown[] = [undefined, 'same-origin', 'none'];

export class AdmissionGuard implements CanActivate {
  readonly #admission: Admission;
  readonly #tokens: Tokens | null;
  readonly #wrong: WrongTokens;

  constructor(admission: Admission) {
    const { token, readerToken, clock } = admission;
    this.#admission = admission;
    this.#tokens = token === null ? null : new Tokens(token, readerToken);
    this.#wrong = new WrongTokens(clock);
  }

  canActivate(context: ExecutionContext): boolean {
    return this.admits(context.switchToHttp().getRequest<AdminRequest>(), this.#admission.roleOf(context.getHandler()));
  }

  /** Throws the HTTP answer for who is not admitted. */
  admits(request: AdminRequest, role: Role): true {
    if (role === 'open') return true;
    request.bearer = this.#tokens === null ? onThisMachine(request) : this.#bearerOf(request, this.#tokens);
    if (role === 'admin' && request.bearer !== 'admin') throw new ForbiddenException('this token lets its bearer look and change nothing');
    const isJson = /^application\/json\s*(;|$)/i.test(String(request.headers['content-type']));
    if (request.method === 'POST' && !isJson) throw new UnsupportedMediaTypeException('the body must be JSON');
    return true;
  }

  #bearerOf({ ip, headers: { authorization } }: AdminRequest, tokens: Tokens): Bearer {
    if (authorization === undefined || authorization === '') throw new UnauthorizedException('a token is required');
    const seconds = this.#wrong.secondsToWait(ip);
    if (seconds > 0) throw new HttpException(`too many wrong tokens: try again in ${String(seconds)} s`, HttpStatus.TOO_MANY_REQUESTS);
    const bearer = tokens.bearerOf(String(authorization));
    if (bearer !== null) return bearer;
    this.#wrong.add(ip, String(authorization));
    this.#admission.logger.warn('a wrong token came to the admin port');
    throw new UnauthorizedException('a token is required');
  }
}

function onThisMachine({ headers }: AdminRequest): Bearer {
  if (typeof headers['host'] !== 'string' || !LOOPBACK_HOST.test(headers['host'])) throw new ForbiddenException('only by a loopback name');
  if (!OWN_SITES.includes(headers['sec-fetch-site'])) throw new ForbiddenException('not from pages of other sites');
  return 'admin';
}
