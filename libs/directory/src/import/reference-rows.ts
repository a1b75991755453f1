/**
 * Rows of the reference's table `sx_directory_group_regs` (directory §3.11), as a database or an export of one gives them, with the columns that a join
 * with its chat tables can add: without a name, a registration cannot be recognised again.
 */
import type { FilterScope, GroupSettings } from '../records/records.ts';
import { parseStatus } from '../registration/states.ts';
import type { ReferenceRegistration } from './reference-log.ts';

/** What opens the rows where the reference's database is not encrypted: the columns by which `parseReferenceRow` knows them. */
export const REFERENCE_ROWS_SQL = `
  SELECT r.*, p.display_name, g.custom_data, c.local_display_name AS owner_name
  FROM sx_directory_group_regs r
  LEFT JOIN groups g ON g.group_id = r.group_id
  LEFT JOIN group_profiles p ON p.group_profile_id = g.group_profile_id
  LEFT JOIN contacts c ON c.contact_id = r.contact_id`;

export interface NamedRegistration extends ReferenceRegistration {
  /** The group's display name; null where the rows do not say. */
  readonly name: string | null;
  readonly ownerName: string | null;
  readonly settings: GroupSettings | null;
}

const MAX_NAME = 1000;
const MAX_CUSTOM_DATA = 100_000;

type Row = Readonly<Record<string, unknown>>;

function numberIn(row: Row, column: string): number | null {
  const value = row[column];
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function textIn(row: Row, column: string, limit: number): string | null {
  const value = row[column];
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
  return typeof text === 'string' && text !== '' && text.length <= limit ? text : null;
}

const TRUE: readonly unknown[] = [1, true, '1', 't', 'true'];

function scopeIn(value: unknown): FilterScope {
  return value === 'all' || value === 'noImage' ? value : null;
}

function isObject(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The filter in a group's custom data; null where there is none. */
function settingsIn(row: Row): GroupSettings | null {
  const text = textIn(row, 'custom_data', MAX_CUSTOM_DATA);
  if (text === null) return null;
  try {
    const data: unknown = JSON.parse(text);
    const acceptance = isObject(data) ? data.memberAcceptance : undefined;
    if (!isObject(acceptance)) return null;
    const filter = {
      rejectNames: scopeIn(acceptance.rejectNames), passCaptcha: scopeIn(acceptance.passCaptcha), makeObserver: scopeIn(acceptance.makeObserver),
    };
    return { filter, joinerRole: 'member' };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Null for a row without what every registration has. */
export function parseReferenceRow(row: Row): NamedRegistration | null {
  const groupId = numberIn(row, 'group_id');
  const userGroupId = numberIn(row, 'user_group_reg_id');
  const contactId = numberIn(row, 'contact_id');
  const status = parseStatus(textIn(row, 'group_reg_status', 100) ?? '');
  if (groupId === null || userGroupId === null || contactId === null || status === null) return null;
  return {
    groupId, userGroupId, contactId, status,
    ownerMemberId: numberIn(row, 'owner_member_id'),
    isPromoted: TRUE.includes(row.group_promoted),
    name: textIn(row, 'display_name', MAX_NAME),
    ownerName: textIn(row, 'owner_name', MAX_NAME),
    settings: settingsIn(row),
  };
}
