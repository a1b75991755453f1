/** Specs of this folder that run on the embedded engines only, and why; all others run on Redis and S3 as well. */
export const ON_DISK: Readonly<Record<string, string>> = {
  'bounds.spec.ts': 'looks for bodies that are half written: a bucket shows whole ones only',
  'broken-transfers.spec.ts': 'as above',
  'equal-time.spec.ts': 'compares times within one process; Redis on the way would only add noise',
  'hostile.fuzz.spec.ts': 'parsers, sockets and heap of one process',
  'memory.spec.ts': 'as above; the S3 engine has its own test of that',
  'sweeps.spec.ts': 'moves the clock, and Redis has its own',
};
