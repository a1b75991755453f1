/**
 * Finds blocks by the id that they hold: a hash table of addresses, four bytes a place, so that no id is kept twice.
 * Collisions go to the next place; what is removed leaves a mark until the table is made anew.
 */
import type { Blocks } from './blocks.ts';

const FREE = 0;
const REMOVED = 0xffff_ffff;
const LEAST_PLACES = 1024;
/** Of the places. */
const MOST_USED = 0.75;

/** Where in a page the id of the block at this offset begins; its length is the byte before. */
export type IdPlace = (page: Buffer, offset: number) => number;

export class IdIndex {
  private readonly blocks: Blocks;
  private readonly idAt: IdPlace;
  private places = new Uint32Array(LEAST_PLACES);
  private used = 0;
  private marks = 0;

  constructor(blocks: Blocks, idAt: IdPlace) {
    this.blocks = blocks;
    this.idAt = idAt;
  }

  get size(): number {
    return this.used;
  }

  /** Bytes of the table. */
  get bytes(): number {
    return this.places.byteLength;
  }

  /** Address of the block with this id; 0 for none. */
  find(id: Uint8Array): number {
    const place = this.placeOf(id);
    return place === -1 ? 0 : this.places[place]!;
  }

  /** Takes a block whose id is not in the index. */
  add(address: number): void {
    if (this.used + this.marks + 1 > this.places.length * MOST_USED) this.rebuild();
    this.put(address);
    this.used++;
  }

  remove(id: Uint8Array): void {
    const place = this.placeOf(id);
    if (place === -1) return;
    this.places[place] = REMOVED;
    this.used--;
    this.marks++;
  }

  /** All addresses, in no order that means anything. */
  *addresses(): Generator<number> {
    for (const address of this.places) if (address !== FREE && address !== REMOVED) yield address;
  }

  private placeOf(id: Uint8Array): number {
    const mask = this.places.length - 1;
    for (let place = hashOf(id, 0, id.length) & mask; ; place = (place + 1) & mask) {
      const address = this.places[place]!;
      if (address === FREE) return -1;
      if (address !== REMOVED && this.holds(address, id)) return place;
    }
  }

  private holds(address: number, id: Uint8Array): boolean {
    const page = this.blocks.page(address);
    const at = this.idAt(page, this.blocks.offset(address));
    if (page[at - 1] !== id.length) return false;
    for (let i = 0; i < id.length; i++) if (page[at + i] !== id[i]) return false;
    return true;
  }

  private put(address: number): void {
    const mask = this.places.length - 1;
    const page = this.blocks.page(address);
    const at = this.idAt(page, this.blocks.offset(address));
    let place = hashOf(page, at, page[at - 1]!) & mask;
    while (this.places[place] !== FREE) place = (place + 1) & mask;
    this.places[place] = address;
  }

  private rebuild(): void {
    const former = this.places;
    // Where marks fill the table, it is large enough.
    const grows = this.used > (former.length * MOST_USED) / 2;
    this.places = new Uint32Array(former.length * (grows ? 2 : 1));
    this.marks = 0;
    for (const address of former) if (address !== FREE && address !== REMOVED) this.put(address);
  }
}

/** FNV-1a, mixed at its end. */
function hashOf(bytes: Uint8Array, from: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < from + length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
