/**
 * Memory for millions of small records outside the garbage-collected heap: blocks of a multiple of eight bytes in pages
 * of one MiB. A block is named by its address, a positive 32-bit number; what is freed is given out again.
 */

const UNIT_BYTES = 8;
const PAGE_BYTES = 1024 * 1024;
const PAGE_UNITS = PAGE_BYTES / UNIT_BYTES;
/** Address 0 names no block. */
const FIRST = 1;

export class Blocks {
  private readonly pages: Buffer[] = [];
  private nextUnit = FIRST;
  /** The last block freed of each number of units; each holds the address of the one before. */
  private readonly freed = new Map<number, number>();

  /** Bytes that are held, used or not. */
  get bytes(): number {
    return this.pages.length * PAGE_BYTES;
  }

  /** A block of at least so many bytes, at most a page, with anything in it. */
  allocate(bytes: number): number {
    const units = unitsOf(bytes);
    const freed = this.freed.get(units) ?? 0;
    if (freed !== 0) {
      this.freed.set(units, this.page(freed).readUInt32LE(this.offset(freed)));
      return freed;
    }
    const left = PAGE_UNITS - (this.nextUnit % PAGE_UNITS);
    if (units > left) this.nextUnit += left;
    const address = this.nextUnit;
    this.nextUnit += units;
    while (this.pages.length * PAGE_UNITS < this.nextUnit) this.pages.push(Buffer.allocUnsafeSlow(PAGE_BYTES));
    return address;
  }

  /** `bytes`: as when it was allocated. */
  free(address: number, bytes: number): void {
    const units = unitsOf(bytes);
    this.page(address).writeUInt32LE(this.freed.get(units) ?? 0, this.offset(address));
    this.freed.set(units, address);
  }

  /** The page in which a block is. */
  page(address: number): Buffer {
    return this.pages[Math.floor(address / PAGE_UNITS)]!;
  }

  /** Where it begins there. */
  offset(address: number): number {
    return (address % PAGE_UNITS) * UNIT_BYTES;
  }
}

function unitsOf(bytes: number): number {
  return Math.ceil(bytes / UNIT_BYTES);
}
