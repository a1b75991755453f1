/** Protocols with a mistake each, to see that the checks find it. */
import type { IdKey } from '@polyplex/base';
import type { ConnectionId } from '@polyplex/store-contract';
import { type Claim, Claims, type Kind, type Lost, type Telling } from '../../src/claims.ts';
import { type Parts, REAL_PARTS } from './parts.ts';

function heldIn(claims: Claims, kind: Kind, recipientId: Uint8Array): Claim | undefined {
  const { held } = claims as unknown as { held: Record<Kind, Map<IdKey, Claim>> };
  return held[kind].get(String.fromCharCode(...recipientId) as IdKey);
}

/** Believes of whatever claim it has what was said of another. */
class IgnoresEpochs extends Claims {
  override lost(kind: Kind, recipientId: Uint8Array, epoch: number, how: Lost): readonly Telling[] {
    return super.lost(kind, recipientId, heldIn(this, kind, recipientId)?.epoch ?? epoch, how);
  }
}

/** Forgets an end that comes before the answer of the claim that it is about. */
class ForgetsEarlyEnds extends Claims {
  override lost(kind: Kind, recipientId: Uint8Array, epoch: number, how: Lost): readonly Telling[] {
    const tellings = super.lost(kind, recipientId, epoch, how);
    const claim = heldIn(this, kind, recipientId);
    if (claim !== undefined) claim.lostEpoch = 0;
    return tellings;
  }
}

/** The same of a wake-up. */
class ForgetsEarlyWakes extends Claims {
  override woken(kind: Kind, recipientId: Uint8Array, epoch: number): readonly Telling[] {
    return heldIn(this, kind, recipientId)?.epoch === 0 ? [] : super.woken(kind, recipientId, epoch);
  }
}

/** Does not tell who had the place before on the same node. */
class ForgetsBefore extends Claims {
  override granted(claim: Claim, epoch: number, notifierId: Uint8Array | null = null): readonly Telling[] {
    return super.granted(claim, epoch, notifierId).filter((telling) => telling.claim === claim);
  }
}

/** Does not put back what a claim that failed stood in front of. */
class ForgetsOnFailure extends Claims {
  override failed(claim: Claim): readonly Telling[] {
    claim.before = null;
    return super.failed(claim);
  }
}

/** Loses a wake-up that came while a claim that failed was under way. */
class ForgetsWakeOnFailure extends Claims {
  override failed(claim: Claim): readonly Telling[] {
    super.failed(claim);
    return [];
  }
}

/** With a connection that is released while it claims, forgets who had the place before. */
class ForgetsOnRelease extends Claims {
  override release(connection: ConnectionId): void {
    const { held } = this as unknown as { held: Record<Kind, Map<IdKey, Claim>> };
    for (const claim of held.recipient.values()) if (claim.connection === connection) claim.before = null;
    super.release(connection);
  }
}

class ReleasesNothing extends Claims {
  override release(): void {}
}

const scripts = REAL_PARTS.scripts;
const claims = (makeClaims: () => Claims): Parts => ({ ...REAL_PARTS, makeClaims });

export const MUTANTS: Readonly<Record<string, Parts>> = {
  'claims that ignore epochs': claims(() => new IgnoresEpochs()),
  'claims that forget an end that comes early': claims(() => new ForgetsEarlyEnds()),
  'claims that forget a wake-up that comes early': claims(() => new ForgetsEarlyWakes()),
  'claims that do not tell who was before': claims(() => new ForgetsBefore()),
  'claims that forget who was before when one fails': claims(() => new ForgetsOnFailure()),
  'claims that lose a wake-up when one fails': claims(() => new ForgetsWakeOnFailure()),
  'claims that forget who was before when one is released': claims(() => new ForgetsOnRelease()),
  'claims that release nothing': claims(() => new ReleasesNothing()),
  'a sweep that does not wake': { ...REAL_PARTS, lookWakes: false },
  'a sweep that ends nothing': { ...REAL_PARTS, lookEnds: false },
  'an acknowledgement that gives the next message to anybody': { ...REAL_PARTS, scripts: { ...scripts, acknowledgeChecksOwner: false } },
  'heads for anybody': { ...REAL_PARTS, scripts: { ...scripts, headsChecksOwner: false } },
  'epochs that come again after a failover': { ...REAL_PARTS, scripts: { ...scripts, epochsAreNew: false } },
  'a look that leaves two epochs': { ...REAL_PARTS, scripts: { ...scripts, lookAgreesOnEpoch: false } },
  'a look that leaves out what is under way': { ...REAL_PARTS, looksAgain: false },
  'a server that takes every end for that of the latest SUB': { ...REAL_PARTS, serverAsks: false },
};
