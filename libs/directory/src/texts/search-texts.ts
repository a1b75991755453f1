/** Answers to searches (directory §3.6). */

export const SEARCH_TEXTS = {
  none: 'No groups found',
  found: (total: number, sent: number) => `Found ${total} group(s)${sent < total ? `, sending top ${sent}` : ''}.`,
  listed: (total: number, sent: number) => `${total} group(s) listed${sent < total ? `, sending top ${sent}` : ''}.`,
  more: (left: number) => `Send /next for ${left} more result(s).`,
  nextOf: (sent: number) => `Sending ${sent} more group(s).`,
  noMore: 'No more groups.',
  linkNotFound: 'This link is not found in the directory. If it is your own group, invite this bot to it as *admin*; channels are sent to it by "share via chat".',
  linkNotRegistered: 'No group with this link is registered.',
} as const;
