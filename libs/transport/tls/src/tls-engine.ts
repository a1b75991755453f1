/**
 * Node's TLS server without a port of its own: sockets are put in by `emit('connection')`, as its documentation
 * provides. One engine lives as long as one set of credentials; a reload makes another, and handshakes begun finish here.
 */
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls';
import type { Credentials, PemCredentials } from './credentials.ts';
import { STRICT_PARAMETERS, WIDE_PARAMETERS } from './tls-parameters.ts';

export interface TlsEngineOptions {
  readonly credentials: Credentials;
  /** Given: clients that send SNI get this certificate, and the wide parameters of SMP §2.1 apply to all. */
  readonly web: PemCredentials | null;
  readonly requestClientCertificate: boolean;
  readonly handshakeTimeoutMs: number;
  /** ALPN: one of the client's protocols; undefined: alert no_application_protocol. `web`: it gets the web certificate. */
  readonly chooseProtocol: (offered: readonly string[], web: boolean) => string | undefined;
}

/** The TLS of one set of credentials. */
export interface TlsEngine {
  readonly server: Server;
  /** The chain that clients without SNI are shown, whose key signs hellos; DER, leaf first. */
  readonly ownChain: readonly Uint8Array[];
  /** Whether clients that send SNI are shown another certificate. */
  readonly hasWeb: boolean;
  /** The same for handshakes without the server, as `OwnHandshake` does them; its clients never send SNI when `hasWeb`. */
  readonly context: SecureContext;
  readonly requestsCertificate: boolean;
  readonly chooseProtocol: (offered: readonly string[], servername: string) => string | undefined;
}

/** Throws what OpenSSL says when it does not take the credentials. */
export function createTlsEngine(options: TlsEngineOptions): TlsEngine {
  const { web, credentials, chooseProtocol } = options;
  const hasWeb = web !== null;
  const parameters = { ...(hasWeb ? WIDE_PARAMETERS : STRICT_PARAMETERS), cert: credentials.pem.certificate, key: credentials.pem.key };
  const choose = (offered: readonly string[], servername: string): string | undefined => chooseProtocol(offered, hasWeb && hasName(servername));
  const server = createServer({
    ...parameters,
    requestCert: options.requestClientCertificate,
    // Chains are checked by our own rules, after the handshake: no root store knows them.
    rejectUnauthorized: false,
    handshakeTimeout: options.handshakeTimeoutMs,
    ALPNCallback: ({ servername, protocols }) => choose(protocols, servername),
    ...(web === null ? {} : { SNICallback: sniCallback(webContext(web)) }),
  });
  return {
    server,
    ownChain: credentials.chain,
    hasWeb,
    // As Node's server does: our order of ciphers counts, and sessions of other listeners are none of this one.
    context: createSecureContext({ ...parameters, honorCipherOrder: true, sessionIdContext: 'polyplex' }),
    requestsCertificate: options.requestClientCertificate,
    chooseProtocol: choose,
  };
}

/** Whether the client sent SNI: what tells web clients from others (SMP §2.7, XFTP §2.1). */
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
