/**
 * How many different ids there were, none of which is kept: a HyperLogLog of 2^14 registers, with Ertl's estimator
 * ("New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6). Standard error 0.8 %; below a
 * hundred it is rarely wrong at all. Some 16 KiB whatever is counted; reading costs the same however much was.
 */
const INDEX_BITS = 14;
const REGISTERS = 1 << INDEX_BITS;
/** Bits of the hash of which leading zeros are counted. */
const RANK_BITS = 32;

export class DistinctCount {
  private readonly registers = new Uint8Array(REGISTERS);
  /** How many registers have each rank. */
  private readonly byRank = new Uint32Array(RANK_BITS + 2).fill(REGISTERS, 0, 1);

  /** Both halves of a 64-bit hash, as unsigned numbers. */
  add(high: number, low: number): void {
    this.raise(high >>> (32 - INDEX_BITS), Math.clz32(low) + 1);
  }

  private raise(index: number, rank: number): void {
    const before = this.registers[index]!;
    if (rank <= before) return;
    this.registers[index] = rank;
    this.byRank[before]!--;
    this.byRank[rank]!++;
  }

  get count(): number {
    const { byRank } = this;
    let z = REGISTERS * tau(1 - byRank[RANK_BITS + 1]! / REGISTERS);
    for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + byRank[rank]!);
    z += REGISTERS * sigma(byRank[0]! / REGISTERS);
    return Math.round(REGISTERS ** 2 / (2 * Math.LN2 * z));
  }

  clear(): void {
    this.registers.fill(0);
    this.byRank.fill(0).fill(REGISTERS, 0, 1);
  }

  /** A copy of what is known, for `restore`. */
  save(): Uint8Array {
    return this.registers.slice();
  }

  /** Adds what another count knew, of the same salt; false, and no change, for anything that `save` has not given. */
  restore(saved: Uint8Array): boolean {
    if (saved.length !== REGISTERS || saved.some((rank) => rank > RANK_BITS + 1)) return false;
    saved.forEach((rank, index) => this.raise(index, rank));
    return true;
  }
}

function sigma(x: number): number {
  if (x === 1) return Infinity;
  let [power, weight, z, before] = [x, 1, x, NaN];
  while (z !== before) {
    power *= power;
    before = z;
    z += power * weight;
    weight += weight;
  }
  return z;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let [root, weight, z, before] = [x, 1, 1 - x, NaN];
  while (z !== before) {
    root = Math.sqrt(root);
    before = z;
    weight *= 0.5;
    z -= (1 - root) ** 2 * weight;
  }
  return z / 3;
}
