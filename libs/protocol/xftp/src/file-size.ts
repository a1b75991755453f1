/** Sizes as descriptions write them: the largest unit that divides the number (XFTP §1.2). */

const UNITS = [['gb', 2 ** 30], ['mb', 2 ** 20], ['kb', 2 ** 10]] as const;

export function formatFileSize(bytes: number): string {
  for (const [unit, size] of UNITS) if (bytes % size === 0) return `${bytes / size}${unit}`;
  return String(bytes);
}

/** null for anything but digits and perhaps a unit, and for sizes of 2^53 bytes and more. */
export function parseFileSize(text: string): number | null {
  const parts = /^(\d{1,16})(gb|mb|kb)?$/.exec(text);
  if (parts === null) return null;
  const bytes = Number(parts[1]) * (UNITS.find(([unit]) => unit === parts[2])?.[1] ?? 1);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
