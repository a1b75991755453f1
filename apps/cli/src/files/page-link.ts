/** The link of the web page that a file server may have (XFTP §1.6). */
import { hostKind } from '@polyplex/protocol-common';
import { type FileDescription, webLink } from '@polyplex/protocol-xftp';

const HTTPS_PORT = '443';

/** By the first host of the first replica of chunk 1, as the reference has it; with its port where browsers need it, and the page's own path (§7.6). */
export function pageLink(description: FileDescription): string {
  const { hosts, port } = description.chunks[0]!.replicas[0]!.server;
  const host = hostKind(hosts[0]!) === 'ipv6' ? `[${hosts[0]!}]` : hosts[0]!;
  return webLink(`https://${host}${port === '' || port === HTTPS_PORT ? '' : `:${port}`}/file/`, description);
}
