/**
 * Ids in base64url may begin with a dash, one in 64 does, and would then be taken for options. They go behind `--`.
 */

/** 24 bytes (queues) or 16 (files) in base64url, beginning as an option would. */
const DASHED_ID = /^-([\w-]{31}|[\w-]{21})=*$/;

const TAKING_IDS = ['queue', 'xftp'];

/** The arguments of `polyplex` with such ids last; those of commands that take no ids stay as they are. */
export function idsLast(args: readonly string[]): readonly string[] {
  if (!TAKING_IDS.includes(args[0] ?? '') || args.includes('--')) return args;
  const ids = args.filter((arg) => DASHED_ID.test(arg));
  return ids.length === 0 ? args : [...args.filter((arg) => !DASHED_ID.test(arg)), '--', ...ids];
}
