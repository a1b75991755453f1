/** Links in texts (directory §3.9, §5): of the web, and those of the network with what they lead to. */

export const MAX_LINK_CHARACTERS = 4_096;

export interface LinkFormat {
  readonly type: 'simplexLink';
  readonly showText?: string;
  readonly linkType: 'contact' | 'invitation' | 'group' | 'channel' | 'relay';
  readonly simplexUri: string;
  readonly smpHosts: readonly string[];
}

const SHORT_TYPES: Readonly<Record<string, LinkFormat['linkType']>> = { a: 'contact', i: 'invitation', g: 'group', c: 'channel', r: 'relay' };

const SHORT_LINK = /^(?:simplex:|https:\/\/([^/#?\s@]+))\/([aicgr])\/?#([^?\s]+)(?:\?(\S*))?$/;
const FULL_LINK = /^(?:simplex:|https:\/\/[^/#?\s@]+)\/(invitation|contact)\/?#\/?\?(\S+)$/;
const QUEUE_HOSTS = /^smp:\/\/[^@/\s]+@([^/\s]+)/;
const GROUP_DATA = /"type"\s*:\s*"group"/;
const MAX_HOSTS = 10;

/** Null for what is no link, or is of a scheme that nobody should be led to by a text. */
export function linkFormat(text: string): LinkFormat | { readonly type: 'uri' } | null {
  if (text.length > MAX_LINK_CHARACTERS) return null;
  return shortLink(text) ?? fullLink(text) ?? (isWebLink(text) ? { type: 'uri' } : null);
}

function shortLink(text: string): LinkFormat | null {
  const [, authority, letter, , query = ''] = SHORT_LINK.exec(text) ?? [];
  const linkType = SHORT_TYPES[letter ?? ''];
  if (linkType === undefined) return null;
  return { type: 'simplexLink', linkType, simplexUri: text, smpHosts: hostsOf(authority ?? new URLSearchParams(query).get('h')) };
}

function fullLink(text: string): LinkFormat | null {
  const [, mode, query] = FULL_LINK.exec(text) ?? [];
  if (query === undefined) return null;
  const parameters = new URLSearchParams(query);
  const queue = QUEUE_HOSTS.exec(parameters.get('smp') ?? '');
  const contact = GROUP_DATA.test(parameters.get('data') ?? '') ? 'group' : 'contact';
  return { type: 'simplexLink', linkType: mode === 'invitation' ? 'invitation' : contact, simplexUri: text, smpHosts: hostsOf(queue?.[1] ?? null) };
}

function hostsOf(hosts: string | null): readonly string[] {
  return hosts === null ? [] : hosts.split(',', MAX_HOSTS).map((host) => host.replace(/:\d+$/, ''));
}

/** A user name before the host is what phishing looks like. */
function isWebLink(text: string): boolean {
  if (!/^https?:\/\/\S+$/i.test(text) || !URL.canParse(text)) return false;
  const { username, password, hostname } = new URL(text);
  return username === '' && password === '' && hostname !== '';
}
