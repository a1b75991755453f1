/** Queries of links: every value percent-encoded once, but for letters, digits and `-_.~` (agent §2.1). */

function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** `name=value` joined by `&`; what is undefined is left out. */
export function formatQuery(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${percentEncoded(value)}`])).join('&');
}

/** `1-4`, or `2` for one version. */
export function formatVersions({ min, max }: { readonly min: number; readonly max: number }): string {
  return min === max ? String(min) : `${String(min)}-${String(max)}`;
}

const VERSIONS = /^(\d{1,5})(?:-(\d{1,5}))?$/;
const MAX_VERSION = 0xffff;

/** Null for anything else. */
export function parseVersions(text: string | null): { readonly min: number; readonly max: number } | null {
  const parts = VERSIONS.exec(text ?? '');
  if (parts === null) return null;
  const [min, max] = [Number(parts[1]), Number(parts[2] ?? parts[1])];
  return min > max || max > MAX_VERSION ? null : { min, max };
}
