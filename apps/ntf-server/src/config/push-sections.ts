/** The push services: Apple's, and Web Push for UnifiedPush and browsers (NTF §4.7, §5). */
import { duration, formatDuration, integer, optionalDuration, optionalPath, optionalText, path, section, text, textList, toggle } from '@polyplex/config';
import { hostKind } from '@polyplex/protocol-common';
import { DEFAULT_PUSHING_OPTIONS } from '@polyplex/server-ntf';

/** Ten letters and digits, as Apple gives them. */
const APPLE_ID = /^[A-Z0-9]{10}$/;
const TOPIC = /^[A-Za-z0-9.-]{1,155}$/;
const MAX_PUSH_HOSTS = 64;
/** One number: what holds for the payload. Beyond it no item fits (NTF §4.7). */
const PADDED = { min: 512, max: 3072 };
/** Beyond it a record of RFC 8188 and a body of RFC 8030 are too long (NTF §5.2). */
const WEB_PADDED_MAX = 2930;

function isHostAndPort(authority: string): boolean {
  const [, host, port] = /^\[?([^[\]]+?)\]?(?::(\d{1,5}))?$/.exec(authority) ?? [];
  return host !== undefined && hostKind(host) !== null && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
}

const HOST = { matches: isHostAndPort, allowed: 'a host name, with `:port` where it is not 443' } as const;

function isAppleId(id: string): boolean {
  return APPLE_ID.test(id);
}

export const ntfApns = section('Apple\'s push service. Without a key there is none: apps for iPhones are then refused at registration. Apple lets a key push to the apps of its own team alone, so it works with an app that you build and sign yourself, and not with the one from the App Store.', {
  keyFile: optionalPath({ describe: 'The key of Apple\'s developer account, a `.p8` file (`AuthKey_<key id>.p8`).' }),
  keyId: optionalText({ matches: isAppleId, allowed: 'ten capital letters and digits', describe: 'Id of that key.' }),
  teamId: optionalText({ matches: isAppleId, allowed: 'ten capital letters and digits', describe: 'Id of the team that the key belongs to.' }),
  topic: optionalText({ matches: (name) => TOPIC.test(name), allowed: 'a bundle id such as `org.example.chat`', describe: 'Bundle id of the app.' }),
  productionHost: text({ default: 'api.push.apple.com', ...HOST, describe: 'Where pushes to apps from the App Store and TestFlight go.' }),
  developmentHost: text({ default: 'api.sandbox.push.apple.com', ...HOST, describe: 'Where pushes to apps run from Xcode go.' }),
  testHost: optionalText({ ...HOST, describe: 'Where pushes to devices of the provider `apns_test` go, for tests alone; none refuses such devices.' }),
  caFile: optionalPath({ describe: 'CA certificates to trust beside the public ones, PEM, such as those of a test server.' }),
  paddedLength: integer({ default: PADDED.max, ...PADDED, unit: 'bytes', describe: 'Length to which what a push says is padded, so that its size tells nothing. Up to 2912 every push is within the 4096 bytes of Apple\'s documents; the reference sends 3072, which Apple takes.' }),
  expireAfter: optionalDuration({ min: '0', max: '30d', describe: 'How long Apple keeps a push for a device that is off, 0: not at all; none leaves it to Apple, as the reference does.' }),
  connections: integer({ default: 4, min: 1, max: 64, unit: 'connections', describe: 'Connections to Apple open at once, for each of its hosts; each carries many pushes.' }),
});

export const ntfWebPush = section('Web Push, which UnifiedPush on Android and browsers use: an extension of ours, which apps of the reference do not have yet. Any push service of a user\'s choice is pushed to.', {
  enabled: toggle({ default: true, describe: 'Whether devices may register with Web Push endpoints.' }),
  keyFile: path({ default: 'ntf/vapid.key', describe: 'The key by which push services know this server (VAPID), P-256 in PEM; `polyplex init --only ntf` makes it. Endpoints are bound to it: keep it.' }),
  subject: optionalText({
    matches: (uri) => /^(mailto:[^\s@<>"]+@[^\s@<>"]+|https:\/\/\S+)$/.test(uri), allowed: '`mailto:you@example.org` or a link beginning with https://',
    describe: 'Whom push services may turn to about this server; none is `https://` and the first name of its address.',
  }),
  ttl: duration({ default: '30d', min: '0', max: '30d', describe: 'How long a push service is asked to keep a push for a device that is off.' }),
  paddedLength: integer({ default: 2928, min: PADDED.min, max: WEB_PADDED_MAX, unit: 'bytes', describe: 'Length to which what a push says is padded; services need not take more than 4096 bytes with all that is around it.' }),
  hosts: textList({
    default: [], max: MAX_PUSH_HOSTS, matches: (host) => hostKind(host) !== null, allowed: 'host names, each with all below it',
    describe: 'Push services that devices may name; none is all.',
  }),
  allowPrivateAddresses: toggle({ default: false, describe: 'Whether push services may be at private, loopback and link-local addresses. Clients choose the service: turn it on for a network of your own, and for tests.' }),
  caFile: optionalPath({ describe: 'CA certificates to trust beside the public ones, PEM, such as that of a push service of your own.' }),
  origins: integer({ default: 512, min: 1, max: 65_536, unit: 'services', describe: 'Push services that connections are open to at once.' }),
});

const { apns, webPush, giveUpAfterMs, pollMs } = DEFAULT_PUSHING_OPTIONS;
const MANY = 1_000_000;

export const ntfPushes = section('How pushes are sent.', {
  queue: integer({ default: apns.familyQueued, min: 16, max: MANY, unit: 'devices', describe: 'Devices in line at this node for Apple\'s services, and half as many for those of Web Push; more stay in the store until there is room.' }),
  concurrency: integer({ default: apns.inFlight, min: 1, max: 10_000, unit: 'pushes', describe: 'Pushes under way at once to one of Apple\'s services.' }),
  webConcurrency: integer({ default: webPush.inFlight, min: 1, max: 10_000, unit: 'pushes', describe: 'Pushes under way at once to one service of Web Push.' }),
  timeout: duration({ default: '25s', min: '1s', max: '2m', describe: 'Time for a push service\'s answer.' }),
  giveUpAfter: duration({ default: formatDuration(giveUpAfterMs), min: '1m', max: '30d', describe: 'How long a push is tried again that no service took, in longer and longer intervals.' }),
  pollInterval: duration({ default: formatDuration(pollMs), min: '100ms', max: '1m', describe: 'How often the store is asked for pushes that are due and nobody\'s: periodic ones, those to be tried again, and those that a dead node had left.' }),
});
