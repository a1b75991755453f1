/** A relay that can never be reached from here, an onion host without a SOCKS proxy say: its subscriptions are told so (NTF §2.5). */
import { eachPage } from './each-page.ts';
import type { LinkContext } from './link-context.ts';
import type { StatusWriter } from './status-writer.ts';
import { INCOMPATIBLE_HOST } from './subscribe-outcome.ts';

export async function refuseAll(link: LinkContext, writer: StatusWriter, wanted: () => boolean): Promise<void> {
  for await (const subscriptions of eachPage(link, wanted)) {
    await writer.write(subscriptions.map(({ notifierId }) => ({ notifierId, status: INCOMPATIBLE_HOST })));
  }
}
