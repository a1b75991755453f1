/**
 * The file in which a server's statistics outlive it, in the reference's format (SMP §9.4, XFTP §7.3): lines `name=value`,
 * and blocks of them that begin with `block:`. Here a line of a block is called `block.name`. The reference ends a block
 * with nothing, so that a line after it may be of the block or not: names tell, for those of blocks and the others differ.
 */

export interface StatisticsLines {
  /** What a line says; undefined where there is none. A name without block is found wherever it stands. */
  get(name: string): string | undefined;
  /** All lines of a block. */
  block(name: string): Readonly<Record<string, string>>;
}

const BLOCK = /^([\w-]+):$/;
const LINE = /^([\w-]+)=(.*)$/;

/** Lines that are neither are left out. */
export function readStatistics(text: string): StatisticsLines {
  const anywhere = new Map<string, string>();
  const blocks = new Map<string, Record<string, string>>();
  let block: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, opened] = BLOCK.exec(line) ?? [];
    const [, name, value] = LINE.exec(line) ?? [];
    if (opened !== undefined) blocks.set(opened, (block = {}));
    if (name === undefined || value === undefined) continue;
    anywhere.set(name, value);
    block[name] = value;
  }
  return {
    get(name) {
      const [of, inner] = partsOf(name);
      return of === null ? anywhere.get(inner) : blocks.get(of)?.[inner];
    },
    block: (name) => blocks.get(name) ?? {},
  };
}

/** In the given order; what belongs to one block must come together. */
export function writeStatistics(values: readonly (readonly [name: string, value: string])[]): string {
  const lines: string[] = [];
  let block: string | null = null;
  for (const [name, value] of values) {
    const [of, inner] = partsOf(name);
    if (of !== null && of !== block) lines.push(`${of}:`);
    block = of;
    lines.push(`${inner}=${value}`);
  }
  return `${lines.join('\n')}\n`;
}

function partsOf(name: string): readonly [block: string | null, name: string] {
  const dot = name.indexOf('.');
  return dot < 0 ? [null, name] : [name.slice(0, dot), name.slice(dot + 1)];
}
