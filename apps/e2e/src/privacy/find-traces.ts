/** Whether texts hold what clients used: each id and key as base64url, base64 and hex, and their addresses. */
import type { Used } from './used-ids.ts';

export interface Trace {
  readonly text: string;
  readonly what: 'id' | 'address';
  /** What it was found as. */
  readonly as: string;
  /** The line that has it, cut. */
  readonly line: string;
}

/** Enough characters that two random ids hardly share: a text that has so many of an id has the id, or most of it. */
const HEAD = 14;
const RUN = new RegExp(`[A-Za-z0-9_+/=-]{${String(HEAD)},}`, 'g');
const LINE_CHARACTERS = 200;

const FORMS: readonly (readonly [name: string, of: (id: Buffer) => string])[] = [
  ['base64url', (id) => id.toString('base64url')],
  ['base64', (id) => id.toString('base64').replace(/=+$/, '')],
  ['hex', (id) => id.toString('hex')],
  ['HEX', (id) => id.toString('hex').toUpperCase()],
];

export class TraceFinder {
  /** Beginnings of all ids in all forms; ids are many, and texts are read once. */
  private readonly heads = new Map<string, string>();
  private readonly addresses: readonly RegExp[];

  constructor({ ids, addresses }: Used) {
    for (const id of ids) for (const [name, form] of FORMS) this.heads.set(form(id).slice(0, HEAD), name);
    this.addresses = addresses.map((address) => new RegExp(`(^|[^0-9a-fA-F.:])${address.replaceAll('.', String.raw`\.`)}($|[^0-9.])`));
  }

  in(text: string, content: string): Trace[] {
    return content.split('\n').flatMap((line) => this.inLine(text, line));
  }

  private inLine(text: string, line: string): Trace[] {
    const found: Trace[] = [];
    const shown = line.slice(0, LINE_CHARACTERS);
    for (const [run] of line.matchAll(RUN)) {
      for (let at = 0; at + HEAD <= run.length; at++) {
        const as = this.heads.get(run.slice(at, at + HEAD));
        if (as !== undefined) found.push({ text, what: 'id', as, line: shown });
      }
    }
    for (const address of this.addresses) if (address.test(line)) found.push({ text, what: 'address', as: 'text', line: shown });
    return found;
  }
}
