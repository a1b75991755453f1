/** What a route does: plain functions by the names of the table, so that a route without one is not there. */
import { HttpException, HttpStatus } from '@nestjs/common';
import type { AnswerOf, RequestOf, RouteName } from '@polyplex/admin-api';

/** Content with a type of its own, where the route's is not it. */
export interface Served {
  readonly content: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is known of a request besides its body. */
export interface Asked {
  /** The path's parameter; empty where it has none. */
  readonly name: string;
  /** What the audit log calls the body's id; null where there is none, or no audit log. */
  readonly target: string | null;
  /** What the audit log says of a step that was taken; `ok` unless the handler says otherwise. */
  result: string;
}

type Handler<N extends RouteName> = (body: RequestOf<N>, asked: Asked) => AnswerOf<N> | Served | Promise<AnswerOf<N> | Served>;
export type Handlers = { readonly [N in RouteName]?: Handler<N> | undefined };

/** A refusal with its word for the audit log. */
export class Refusal extends HttpException {
  readonly result: string;

  constructor(status: HttpStatus, result: string, message: string) {
    super({ statusCode: status, message }, status);
    this.result = result;
  }
}

const STATUS: Readonly<Record<string, HttpStatus>> = {
  malformed: HttpStatus.BAD_REQUEST,
  missing: HttpStatus.NOT_FOUND,
  refused: HttpStatus.CONFLICT,
  quota: HttpStatus.TOO_MANY_REQUESTS,
};

/** The answer that is none of the refusals; throws the one that it is, in the words of `messages`. */
export function granted<T, M extends Readonly<Record<string, string>>>(answer: T, messages: M): Exclude<T, keyof M> {
  if (typeof answer === 'string' && Object.hasOwn(messages, answer)) {
    throw new Refusal(STATUS[answer] ?? HttpStatus.CONFLICT, answer, messages[answer] ?? answer);
  }
  return answer as Exclude<T, keyof M>;
}
