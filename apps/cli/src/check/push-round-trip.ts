/**
 * A round trip through any push proxy, as apps test theirs (NTF §8): connect, register the test device, which nothing is
 * ever pushed to, ask how it is, delete it. Whether pushes come through only a device can tell.
 */
import { connectNtf, type ConnectNtfOptions, deleteToken, checkToken, type NtfClient, type RegisteredToken, registerToken } from '@polyplex/client';
import { SECOND, utf8 } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import type { AddressText } from '@polyplex/protocol-common';
import { type CheckedClient, type CheckReport, inTime, runSteps, type Step, type StepResult } from './steps.ts';

export interface PushCheckOptions {
  readonly address: AddressText;
  readonly connect: Omit<ConnectNtfOptions, 'address'>;
  /** Called as each step ends. */
  readonly onStep: (step: StepResult) => void;
}

const TEST_DEVICE = { provider: 'apns_null', token: utf8('test_ntf_token') } as const;
/** How long a check that failed tries to take its device away again. */
const CLEAN_UP_MS = 2 * SECOND;

/** What failed is in the last step of the report. */
export function pushRoundTrip({ address, connect, onStep }: PushCheckOptions): Promise<CheckReport> {
  return runSteps(onStep, (step, clients) => journey(address, connect, step, clients));
}

async function journey(address: AddressText, connect: PushCheckOptions['connect'], step: Step, clients: CheckedClient[]): Promise<void> {
  const client = await step('connect (TLS, certificates, handshake)', async () => {
    const connected = await connectNtf({ ...connect, address });
    clients.push(connected);
    return connected;
  });
  const token = await step('register a test device', () => register(client));
  try {
    await step('ask for its state', () => checkToken(client, token));
  } catch (error) {
    await inTime(deleteToken(client, token), CLEAN_UP_MS, 'not deleted in time').catch(() => undefined);
    throw error;
  }
  await step('delete it', () => deleteToken(client, token));
}

function register(client: NtfClient): Promise<RegisteredToken> {
  return registerToken(client, TEST_DEVICE, { authKeys: generateKeyPair('ed25519'), dhKeys: generateKeyPair('x25519') });
}
