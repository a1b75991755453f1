/** How the command line ends, for scripts and service managers (`polyplex check` has codes of its own). */
export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  usage: 2,
  config: 3,
  identity: 4,
  listen: 5,
  storage: 6,
} as const;

export const EXIT_CODES_HELP = `
Exit codes: 0 done; 1 failed; 2 wrong use; 3 wrong configuration; 4 certificates, keys or files that are missing,
wrong or in the way; 5 a port cannot be opened; 6 the data cannot be opened (in use, damaged, not writable).`;
