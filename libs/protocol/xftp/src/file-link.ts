/** Links of apps that carry a whole file description (XFTP §1.5): `simplex:/file#/?desc=…&data=…`, also as a web address. */
import { descriptionError, type FileDescription } from './file-description.ts';
import { formatDescription } from './format-description.ts';
import { parseDescription } from './parse-description.ts';

export interface FileLink {
  readonly description: FileDescription;
  /** Text for the app, by convention JSON; null when there is none. */
  readonly data: string | null;
}

const FORM = /^(?:simplex:|https:\/\/[^/#?\s]+)\/file\/?#\/?\?(.*)$/s;

/** The link of a recipient's description. */
export function fileLink(description: FileDescription, data: string | null = null): string {
  const suffix = data === null ? '' : `&data=${escapeText(data)}`;
  return `simplex:/file#/?desc=${escapeText(formatDescription(forRecipient(description)))}${suffix}`;
}

/** Null when the text is no such link; throws `CodedError` (`BAD_DESCRIPTION`) when what it carries is wrong. */
export function parseFileLink(text: string): FileLink | null {
  const query = FORM.exec(text.trim())?.[1];
  if (query === undefined) return null;
  const parameters = new Map(query.split('&').map((pair) => splitPair(pair)));
  const description = parameters.get('desc');
  if (description === undefined) return null;
  return { description: forRecipient(parseDescription(unescapeText(description))), data: dataOf(parameters.get('data')) };
}

/** A sender's description deletes the file: it is given to nobody. */
export function forRecipient(description: FileDescription): FileDescription {
  if (description.party !== 'recipient') throw descriptionError('only recipient descriptions are allowed in links');
  return description;
}

function splitPair(pair: string): readonly [name: string, value: string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function dataOf(escaped: string | undefined): string | null {
  return escaped === undefined ? null : unescapeText(escaped);
}

/** Everything but letters, digits and `- _ . ~`. */
function escapeText(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function unescapeText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) throw descriptionError('bad escape in file link');
    throw error;
  }
}
