/**
 * Nest's decorators, called as the functions they are. The sources run on Node as they stand, which strips types but
 * knows no decorators, and bundlers emit no metadata for constructor parameters: both are why tokens are named here.
 */
import { Body, Controller, Get, Header, HttpCode, Inject, Post } from '@nestjs/common';

type ControllerClass = abstract new (...parameters: never[]) => object;

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly contentType: string;
  /** Whether the handler's one parameter is the body. */
  readonly body?: true;
}

/** Makes a class a controller: `inject` are the tokens of its constructor's parameters, in order. */
export function defineController(
  controller: ControllerClass,
  { inject, routes }: { readonly inject: readonly symbol[]; readonly routes: Readonly<Record<string, Route>> },
): void {
  Controller()(controller);
  inject.forEach((token, index) => Inject(token)(controller, undefined, index));
  const prototype = controller.prototype as object;
  for (const [name, { method, path, contentType, body }] of Object.entries(routes)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
    const decorators = [method === 'GET' ? Get(path) : Post(path), HttpCode(200), Header('content-type', contentType), Header('cache-control', 'no-store')];
    for (const decorate of decorators) decorate(prototype, name, descriptor);
    if (body === true) Body()(prototype, name, 0);
  }
}

export const TEXT = 'text/plain; charset=utf-8';
export const HTML = 'text/html; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';
