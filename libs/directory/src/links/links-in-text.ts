/** Links within what people wrote. */
import { isSamePlace, type LinkPlace, MAX_LINK_CHARACTERS, placeOf } from './same-link.ts';

export interface FoundLink {
  readonly text: string;
  readonly place: LinkPlace;
}

const CANDIDATE = /(?:simplex:|https:\/\/)\S+/g;
/** What ends a sentence, or a link in markdown, is not the link's. */
const TRAILING = /[.,;:!?)\]}>'"*_~`]+$/;
/** A text with more is not read to its end. */
const MAX_CANDIDATES = 50;

export function linksIn(text: string): readonly FoundLink[] {
  const found: FoundLink[] = [];
  let candidates = 0;
  for (const [whole] of text.matchAll(CANDIDATE)) {
    candidates += 1;
    if (candidates > MAX_CANDIDATES) break;
    if (whole.length > MAX_LINK_CHARACTERS) continue; // before anything slower than linear looks at it
    for (const candidate of new Set([whole, whole.replace(TRAILING, '')])) {
      const place = placeOf(candidate);
      if (place === null) continue;
      found.push({ text: candidate, place });
      break;
    }
  }
  return found;
}

export function leadsTo(text: string, places: readonly LinkPlace[]): boolean {
  return linksIn(text).some(({ place }) => places.some((own) => isSamePlace(own, place)));
}

/** Without the links that lead to `places`. */
export function withoutLinksTo(text: string, places: readonly LinkPlace[]): string {
  return linksIn(text)
    .filter(({ place }) => places.some((own) => isSamePlace(own, place)))
    .reduce((left, { text: link }) => left.replaceAll(link, ' '), text);
}
