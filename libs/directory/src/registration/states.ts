/** The states of a registration (directory §3.1). */

export const REGISTRATION_STATES = [
  'pending_confirmation', 'proposed', 'pending_update', 'pending_approval', 'active', 'suspended', 'suspended_bad_roles', 'removed',
] as const;

export type RegistrationState = (typeof REGISTRATION_STATES)[number];

/** `listed` is found by search; a name that is `listed` or `reserved` cannot be registered again. */
export type DirectoryClass = 'registered' | 'listed' | 'reserved' | 'removed';

const CLASSES: Readonly<Record<RegistrationState, DirectoryClass>> = {
  pending_confirmation: 'registered',
  proposed: 'registered',
  pending_update: 'registered',
  pending_approval: 'registered',
  active: 'listed',
  suspended: 'reserved',
  suspended_bad_roles: 'reserved',
  removed: 'removed',
};

const SHOWN: Readonly<Record<RegistrationState, string>> = {
  pending_confirmation: 'pending confirmation (duplicate names)',
  proposed: 'proposed',
  pending_update: 'pending profile update',
  pending_approval: 'pending admin approval',
  active: 'active',
  suspended: 'suspended by admin',
  suspended_bad_roles: 'suspended because roles changed',
  removed: 'removed',
};

export function classOf(state: RegistrationState): DirectoryClass {
  return CLASSES[state];
}

/** As owners and admins read it. */
export function shownState(state: RegistrationState): string {
  return SHOWN[state];
}

/** A state with its approval code, 0 where it has none: `pending_approval`, and what would be so if its owner were one. */
export interface Status {
  readonly state: RegistrationState;
  readonly code: number;
}

/** As the reference stores it. Null for anything else. */
export function parseStatus(text: string): Status | null {
  const parts = /^([a-z_]{1,40})(?::(\d{1,9}))?$/.exec(text);
  const state = REGISTRATION_STATES.find((known) => known === parts?.[1]);
  if (state === undefined || (state === 'pending_approval') !== (parts?.[2] !== undefined)) return null;
  return { state, code: Number(parts?.[2] ?? 0) };
}
