/** What only the inside of `Claims` tells. */
import type { ConnectionId } from '@polyplex/store-contract';
import { idKey, type IdKey } from '@polyplex/base';
import type { Claim, Claims, Kind } from '../../src/claims.ts';

interface Insides {
  readonly held: Readonly<Record<Kind, Map<IdKey, Claim>>>;
}

/** Whether a connection has a queue as far as its node knows, though another's claim may be under way. */
export function stillHas(claims: Claims, recipientId: Uint8Array, connection: ConnectionId): boolean {
  const claim = (claims as unknown as Insides).held.recipient.get(idKey(recipientId));
  return [claim, claim?.before].some((each) => each?.connection === connection && each.epoch !== 0);
}
