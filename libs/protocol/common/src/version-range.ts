/** Version ranges and what two parties agree on (SMP §1.1, §3.4). */
import { type Codec, DecodeError, mapped, fields, word16 } from '@polyplex/codec';

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

const pair = fields({ min: word16, max: word16 });

export const versionRange: Codec<VersionRange> = mapped(
  pair,
  (range) => {
    if (range.min > range.max) throw new DecodeError('empty version range');
    return range;
  },
  (range) => range,
);

/** The versions that both ranges hold; null when there is none. */
export function intersectVersions(a: VersionRange, b: VersionRange): VersionRange | null {
  const min = Math.max(a.min, b.min);
  const max = Math.min(a.max, b.max);
  return min > max ? null : { min, max };
}

export function versionIn(range: VersionRange, version: number): boolean {
  return version >= range.min && version <= range.max;
}
