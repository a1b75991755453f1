/** Who writes to contact addresses: one connection of the worker for all strangers. No user can have this name. */
export const STRANGER = '\u0000stranger';
