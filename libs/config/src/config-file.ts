/** The YAML file as a tree of values, each with the line it stands on. Anything but sections of settings is a problem. */
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Problem } from './problem.ts';
import type { Given } from './given.ts';

export interface ConfigFile {
  /** Absolute path; relative paths in it count from its folder. */
  readonly path: string;
  readonly text: string;
}

/** Reads values with their `file:line`. Adds to `problems` what is no configuration at all. */
export function readConfigFile({ path, text }: ConfigFile, problems: Problem[]): Given[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => `${path}:${String(lines.linePos(offset).line)}`;
  for (const error of document.errors) problems.push({ setting: 'file', message: error.message, source: at(error.pos[0]) });
  const root = document.contents;
  if (document.errors.length > 0 || root === null || (isScalar(root) && root.value === null)) return [];
  if (!isMap(root)) {
    problems.push({ setting: 'file', message: 'must be sections of settings', source: path });
    return [];
  }
  return root.items.flatMap(({ key, value }) => {
    const section = nameOf(key);
    if (isMap(value)) {
      return value.items.map((item) => {
        const offset = isScalar(item.key) ? (item.key.range?.[0] ?? 0) : 0;
        const plain: unknown = item.value === null ? null : (item.value as { toJS(doc: typeof document): unknown }).toJS(document);
        return { section, key: nameOf(item.key), value: plain, source: at(offset), base: 'file' as const };
      });
    }
    const empty = value === null || (isScalar(value) && value.value === null);
    const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
    if (!empty) problems.push({ setting: section, message: 'must be a section with settings in it', source: at(offset) });
    return [];
  });
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '?';
}
