export type { UpgradeRequest } from './accept-web-socket.ts';
export { ConnectionSet } from './connection-set.ts';
export { type ConnectionLimits, DEFAULT_LIMITS, type RejectReason } from './admission.ts';
export type { SocksProxy } from './connect-tcp.ts';
export {
  type Credentials,
  CredentialsError,
  type CredentialsErrorCode,
  type PemCredentials,
  readCredentials,
  type ReadCredentialsOptions,
} from './credentials.ts';
export { DialError, type DialErrorCode } from './dial-error.ts';
export { dialPublicTls, type DialPublicTlsOptions, publicRoots, type PublicRoots } from './dial-public-tls.ts';
export { dialSecure, dialTls, type DialTlsOptions, type SecureSocket } from './dial-tls.ts';
export { dialWebSocket } from './dial-web-socket.ts';
export { addressKeyOf, isPublicAddress } from './ip-address.ts';
export {
  issueCa,
  type IssueCaOptions,
  type IssuedCertificate,
  issueServerCertificate,
  type IssueServerCertificateOptions,
  issueServiceCertificate,
  type IssueServiceCertificateOptions,
} from './issue-certificates.ts';
export type { BoundEndpoint, Endpoint, EndpointKind, ListenerCredentials, ListenTlsOptions, TlsListener } from './listener-options.ts';
export type { PortCounts } from './port-counts.ts';
export { type AcceptOptions, HANDSHAKE_TIMEOUT_MS, type SecuredSocket, SecureListener, type SecureListenerOptions } from './secure-listener.ts';
export type { ConnectionOptions } from './socket-connection.ts';
export type { BoundEndpointOf, EndpointOf } from './tcp-endpoint.ts';
export { createTlsEngine, type TlsEngine } from './tls-engine.ts';
export { listenTls } from './tls-listener.ts';
