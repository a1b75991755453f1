/** Walks the subscriptions of a relay in pages, as long as somebody wants them. */
import type { SubscriptionPage, SubscriptionRecord } from '@polyplex/store-contract';
import type { LinkContext } from './link-context.ts';
import { untilStored } from './until-stored.ts';

export async function* eachPage(link: LinkContext, wanted: () => boolean): AsyncGenerator<readonly SubscriptionRecord[]> {
  let after: string | null = null;
  do {
    const from: string | null = after;
    const step = (): Promise<SubscriptionPage> => link.store.subscriptionsToMake(link.relay, from, link.options.pageSize);
    const page: SubscriptionPage | null = await untilStored(step, link.insist(wanted));
    if (page === null) return;
    yield page.subscriptions;
    after = page.next;
  } while (after !== null && wanted());
}
