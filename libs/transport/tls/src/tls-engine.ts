/**
 * Node's TLS server without a port of its own: sockets are put in by `emit('connection')`, as its documentation
 * provides. One engine lives as long as one set of credentials; a reload makes another, and handshakes begun finish here.
 */
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls';
import type { Credentials, PemCredentials } from './credentials.ts';
import { chooseProtocol, STRICT_PARAMETERS, WIDE_PARAMETERS } from './tls-parameters.ts';

export interface TlsEngineOptions {
  readonly credentials: Credentials;
  /** Given: clients that send SNI get this certificate, and the wide parameters of SMP §2.1 apply to all. */
  readonly web: PemCredentials | null;
  readonly requestClientCertificate: boolean;
  readonly handshakeTimeoutMs: number;
  readonly secured: (socket: TLSSocket) => void;
  readonly failed: (error: NodeJS.ErrnoException, socket: TLSSocket) => void;
}

/** Throws what OpenSSL says when it does not take the credentials. */
export function createTlsEngine(options: TlsEngineOptions): Server {
  const { web } = options;
  const parameters = web === null ? STRICT_PARAMETERS : WIDE_PARAMETERS;
  const { certificate: cert, key } = options.credentials.pem;
  const server = createServer({
    ...parameters,
    cert,
    key,
    requestCert: options.requestClientCertificate,
    // Chains are checked by our own rules, after the handshake: no root store knows them.
    rejectUnauthorized: false,
    handshakeTimeout: options.handshakeTimeoutMs,
    ALPNCallback: ({ servername, protocols }) => chooseProtocol(protocols, web !== null && hasName(servername)),
    ...(web === null ? {} : { SNICallback: sniCallback(webContext(web)) }),
  });
  server.on('secureConnection', options.secured);
  server.on('tlsClientError', options.failed);
  return server;
}

/** Whether the client sent SNI: what tells HTTPS from SMP on a shared port (SMP §2.7). */
export function sentSni(socket: TLSSocket): boolean {
  return hasName((socket as { servername?: string | false | null }).servername);
}

function hasName(servername: string | false | null | undefined): boolean {
  return typeof servername === 'string' && servername.length > 0;
}

function webContext(web: PemCredentials): SecureContext {
  return createSecureContext({ ...WIDE_PARAMETERS, cert: web.certificate, key: web.key });
}

type SniCallback = (name: string, done: (error: Error | null, context?: SecureContext) => void) => void;

function sniCallback(context: SecureContext): SniCallback {
  return (_name, done) => done(null, context);
}
