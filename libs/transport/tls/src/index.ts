export type { UpgradeRequest } from './accept-web-socket.ts';
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
export { dialTls, type DialTlsOptions } from './dial-tls.ts';
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
export type {
  BoundEndpoint,
  Endpoint,
  EndpointKind,
  ListenerCredentials,
  ListenTlsOptions,
  TlsListener,
} from './listener-options.ts';
export type { ConnectionOptions } from './socket-connection.ts';
export { listenTls } from './tls-listener.ts';
