/** Queues that a device wants to hear of (NTF §2.4, §8). The single ones throw as those of tokens do. */
import { copyBytes } from '@polyplex/base';
import type { ServerAddress } from '@polyplex/protocol-common';
import type { NotifierKey, NtfSubscriptionStatus } from '@polyplex/protocol-ntf';
import { SmpClientError } from '../client-error.ts';
import type { NtfClient } from './ntf-client.ts';
import { NtfRefusedError } from './ntf-error.ts';
import { expectNtfReply, type RegisteredToken } from './token-commands.ts';

/** A queue's notifier at its relay. */
export interface NotifierAt {
  readonly relay: ServerAddress;
  readonly notifierId: Uint8Array;
  readonly notifierKey: NotifierKey;
}

type Token = Pick<RegisteredToken, 'tokenId' | 'key'>;

function requestOf({ tokenId, key }: Token, notifier: NotifierAt) {
  return { command: { tag: 'SNEW', tokenId, ...notifier }, key } as const;
}

/** SNEW; repeating it answers with the same id. */
export async function createSubscription(client: NtfClient, token: Token, notifier: NotifierAt): Promise<Uint8Array> {
  const { command, key } = requestOf(token, notifier);
  return copyBytes(expectNtfReply(await client.request(command, { key }), 'IDSUB').subscriptionId);
}

/** Many SNEW in as few blocks as fit; ids, or why there is none, in the order given. At most as many as the client lets wait. */
export async function createSubscriptions(
  client: NtfClient, token: Token, notifiers: readonly NotifierAt[],
): Promise<readonly (Uint8Array | NtfRefusedError | SmpClientError)[]> {
  const answers = await client.requestBatch(notifiers.map((notifier) => requestOf(token, notifier)));
  return answers.map((answer) => {
    if (answer instanceof SmpClientError) return answer;
    try {
      return copyBytes(expectNtfReply(answer, 'IDSUB').subscriptionId);
    } catch (error) {
      if (error instanceof NtfRefusedError || error instanceof SmpClientError) return error;
      throw error;
    }
  });
}

/** SCHK */
export async function checkSubscription(client: NtfClient, { key }: Pick<Token, 'key'>, subscriptionId: Uint8Array): Promise<NtfSubscriptionStatus> {
  return expectNtfReply(await client.request({ tag: 'SCHK' }, { entityId: subscriptionId, key }), 'SUB').status;
}

/** SDEL */
export async function deleteSubscription(client: NtfClient, { key }: Pick<Token, 'key'>, subscriptionId: Uint8Array): Promise<void> {
  expectNtfReply(await client.request({ tag: 'SDEL' }, { entityId: subscriptionId, key }), 'OK');
}
