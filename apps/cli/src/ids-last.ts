/**
 * Ids in base64url may begin with a dash, one in 64 does, and would then be taken for options. They go behind `--`.
 */

/** 24 bytes in base64url, beginning as an option would. */
const DASHED_ID = /^-[\w-]{31}=*$/;

/** The arguments of `polyplex` with such ids last; those of commands that take no ids stay as they are. */
export function idsLast(args: readonly string[]): readonly string[] {
  if (args[0] !== 'queue' || args.includes('--')) return args;
  const ids = args.filter((arg) => DASHED_ID.test(arg));
  return ids.length === 0 ? args : [...args.filter((arg) => !DASHED_ID.test(arg)), '--', ...ids];
}
