/**
 * Blocked words and fragments in joiners' names (directory §3.7). The reference makes every spelling of a name and looks each one up, which grows
 * exponentially; here a name is a list of positions with the characters that may stand there, and all its spellings walk through a trie of blocked
 * words at once. Time is bounded by the length of the name times the size of the trie.
 */
import { DirectoryError } from '../directory-error.ts';

export interface BlockedNameLists {
  readonly words: readonly string[];
  readonly fragments: readonly string[];
  /** In words: what may stand for a part of them. */
  readonly rules: readonly { readonly pattern: string; readonly replacements: readonly string[] }[];
  /** In names: what a character may be meant as. */
  readonly spelling: readonly { readonly character: string; readonly meant: readonly string[] }[];
}

/** Letters written for all spellings of one blocked word that rules make. */
const MAX_STEPS = 100_000;
const MAX_TRIE_NODES = 1_000_000;
/** Code points of a name that are looked at; profiles that chat accepts are shorter. */
const MAX_NAME = 1000;

interface Node {
  readonly next: Map<string, Node>;
  isEnd: boolean;
}

/** What may stand at a position; null: nothing, the character is passed over. */
type Position = readonly (string | null)[];

function normalised(text: string): string {
  return text.normalize('NFKD').toLowerCase();
}

/** Runs of three and more become two. */
function withoutRuns(text: string): string {
  return text.replace(/(.)\1{2,}/gsu, '$1$1');
}

const PASSED_OVER = /^[\p{P}\p{M}\s\p{Z}\p{C}]$/u;

function kept(character: string): string | null {
  return PASSED_OVER.test(character) ? null : character;
}

interface Written {
  readonly made: string;
  readonly at: number;
}

/** A beginning of a spelling, gone on with in every way: as it stands, or by a rule. */
function* writtenOn({ made, at }: Written, word: string, rules: BlockedNameLists['rules']): Generator<Written> {
  yield { made: made + word[at]!, at: at + 1 };
  for (const { pattern, replacements } of rules) {
    if (pattern === '' || !word.startsWith(pattern, at)) continue;
    for (const replacement of replacements) yield { made: made + replacement, at: at + pattern.length };
  }
}

/** All ways to write `word` by the rules, itself included. Throws `DirectoryError` OPTIONS where there are too many. */
export function variantsOf(word: string, rules: BlockedNameLists['rules']): readonly string[] {
  const open: Written[] = [{ made: '', at: 0 }];
  const done = new Set<string>();
  let steps = 0;
  for (let beginning = open.pop(); beginning !== undefined; beginning = open.pop()) {
    if (beginning.at >= word.length) {
      done.add(beginning.made);
      continue;
    }
    for (const next of writtenOn(beginning, word, rules)) {
      open.push(next);
      steps += 1;
      if (steps > MAX_STEPS) throw new DirectoryError('OPTIONS', 'the substitution rules make too many spellings of a blocked word');
    }
  }
  return [...done];
}

class Trie {
  readonly root: Node = { next: new Map(), isEnd: false };
  #nodes = 1;

  add(word: string): void {
    let node = this.root;
    for (const character of word) {
      let next = node.next.get(character);
      if (next === undefined) {
        next = { next: new Map(), isEnd: false };
        node.next.set(character, next);
        this.#nodes += 1;
      }
      node = next;
    }
    if (node !== this.root) node.isEnd = true;
    if (this.#nodes > MAX_TRIE_NODES) throw new DirectoryError('OPTIONS', 'there are too many blocked words');
  }

  get isEmpty(): boolean {
    return this.root.next.size === 0;
  }

  /** Whether some spelling is (`isPart`: has within) a word. */
  matches(positions: readonly Position[], isPart: boolean): boolean {
    if (this.isEmpty) return false;
    let states = new Set<Node>([this.root]);
    for (const position of positions) {
      states = step(states, position);
      if (isPart) {
        if ([...states].some(({ isEnd }) => isEnd)) return true;
        states.add(this.root);
      }
    }
    return [...states].some(({ isEnd }) => isEnd);
  }
}

function step(states: ReadonlySet<Node>, position: Position): Set<Node> {
  const after = new Set<Node>();
  for (const node of states) {
    for (const character of position) {
      const next = character === null ? node : node.next.get(character);
      if (next !== undefined) after.add(next);
    }
  }
  return after;
}

export class BlockedNames {
  readonly #words = new Trie();
  readonly #fragments = new Trie();
  readonly #spelling = new Map<string, readonly string[]>();

  /** Throws `DirectoryError` OPTIONS where rules or lists grow beyond bounds. */
  constructor({ words = [], fragments = [], rules = [], spelling = [] }: Partial<BlockedNameLists>) {
    const plain = rules.map(({ pattern, replacements }) => ({ pattern: normalised(pattern), replacements: replacements.map(normalised) }));
    for (const word of words) {
      for (const variant of variantsOf(comparable(word), plain)) this.#words.add(variant);
    }
    for (const fragment of fragments) this.#fragments.add(comparable(fragment));
    for (const { character, meant } of spelling) this.#spelling.set(normalised(character), meant.map(normalised));
  }

  isBlocked(name: string): boolean {
    const text = withoutRuns(normalised([...name].slice(0, MAX_NAME).join('')));
    if (this.#fragments.matches(this.#positions(text), true)) return true;
    return partsOf(text).some((part) => this.#words.matches(this.#positions(part), false));
  }

  #positions(text: string): readonly Position[] {
    return [...text].map((character) => {
      const meant = this.#spelling.get(character) ?? [];
      return [...new Set([character, ...meant].flatMap((one) => (one === '' ? [null] : [kept(one)])))];
    });
  }
}

/** A blocked word as names are compared with it. */
function comparable(word: string): string {
  return [...normalised(word)].filter((character) => kept(character) !== null).join('');
}

/** The words of a name, and where it has several, what double spaces separate: words whose letters are spaced out. */
function partsOf(text: string): readonly string[] {
  const words = text.split(/\s+/u).filter((word) => word !== '');
  return words.length < 2 ? words : [...words, ...text.split(/\s{2,}/u).filter((part) => part !== '')];
}
