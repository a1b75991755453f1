/**
 * The keys by which push services know this server: Apple's (NTF §4.7) and the one of Web Push (RFC 8292, NTF §5.2). Read
 * and looked at before anything is opened, so that a wrong one is named, with what to do, and never tried at a service.
 */
import { readFileSync } from 'node:fs';
import { errorText } from '@polyplex/base';
import { ConfigError } from '@polyplex/config';
import { type ApnsKey, generateSigningKey, PushSetupError, readApnsKey as apnsKeyOf, readVapidKey as vapidKeyOf, type VapidKey } from '@polyplex/push';
import type { NtfConfig } from './config/ntf-config.ts';

const APNS_ADVICE = 'it is what Apple\'s developer site gave out once, as AuthKey_<key id>.p8';
const VAPID_ADVICE = '"polyplex init --push" makes one with a push proxy, "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256" makes one alone, and ntfWebPush.enabled=off goes without';

/** PEM (PKCS #8) of a new P-256 key. */
export function newVapidKey(): string {
  return generateSigningKey();
}

/** Apple's key; null where there is none. Throws `ConfigError` for a file that is missing or holds another kind of key. */
export function readApnsKey({ ntfApns: { keyFile, keyId, teamId } }: Pick<NtfConfig, 'ntfApns'>): ApnsKey | null {
  if (keyFile === null) return null;
  const setting = 'ntfApns.keyFile';
  const pem = readKeyFile(setting, keyFile, APNS_ADVICE);
  return checked(setting, () => apnsKeyOf({ pem, file: keyFile, keyId: keyId ?? '', teamId: teamId ?? '' }));
}

/** The key of Web Push; null where that is off. Throws as `readApnsKey`. */
export function readVapidKey({ ntfWebPush }: Pick<NtfConfig, 'ntfWebPush'>): VapidKey | null {
  return ntfWebPush.enabled ? vapidKeyIn(ntfWebPush.keyFile) : null;
}

/** As apps give it to push services: base64url of the point, without padding. Throws as `readVapidKey`. */
export function readVapidPublicKey({ ntfWebPush }: Pick<NtfConfig, 'ntfWebPush'>): string {
  return vapidKeyIn(ntfWebPush.keyFile).publicKey;
}

function vapidKeyIn(path: string): VapidKey {
  const setting = 'ntfWebPush.keyFile';
  const pem = readKeyFile(setting, path, VAPID_ADVICE);
  return checked(setting, () => vapidKeyOf(pem, path));
}

function readKeyFile(setting: string, path: string, advice: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw problem(setting, `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}): ${advice}`);
  }
}

function checked<T>(setting: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PushSetupError)) throw error;
    throw problem(setting, errorText(error));
  }
}

function problem(setting: string, message: string): ConfigError {
  return new ConfigError([{ setting, message, source: null }]);
}
