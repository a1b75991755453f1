/** Names of files. */

/** `photo.tar.gz` as the `n`th of its name: `photo_1.tar.gz`, the number before the first dot (XFTP §8.4); the name itself for 0. */
export function numberedName(name: string, n: number): string {
  if (n === 0) return name;
  const dot = name.indexOf('.');
  return dot < 0 ? `${name}_${n}` : `${name.slice(0, dot)}_${n}${name.slice(dot)}`;
}
