export { dialHttp2, type DialHttp2Options, type HttpClientConnection, type HttpClientRequest, type HttpClientResponse } from './dial-http2.ts';
export { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-limits.ts';
export { HttpStreamError, type HttpStreamErrorCode } from './http-stream-error.ts';
export { type Http2Listener, type HttpCredentials, listenHttp2, type ListenHttp2Options } from './http2-listener.ts';
export type { PublicHttpRequest, PublicHttpResponse } from './public/public-connection.ts';
export { createPublicHttpClient, DEFAULT_PUBLIC_HTTP_LIMITS, type PublicHttpClient, type PublicHttpClientOptions, type PublicHttpLimits } from './public/public-http-client.ts';
export { PublicHttpError, type PublicHttpErrorCode } from './public/public-http-error.ts';
