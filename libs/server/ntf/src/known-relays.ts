/**
 * The text by which a relay is known (NTF §0): one text is one relay, with one connection and one set of subscriptions.
 * Apps name six relays of old with and without their onion hosts, so a single host of these gets its second (NTF §2.4).
 */
import { formatAddress, type ServerAddress } from '@polyplex/protocol-common';

const ONION_HOSTS: ReadonlyMap<string, string> = new Map([
  ['smp4.simplex.im', 'o5vmywmrnaxalvz6wi3zicyftgio6psuvyniis6gco6bp6ekl4cqj4id.onion'],
  ['smp5.simplex.im', 'jjbyvoemxysm7qxap7m5d5m35jzv5qq6gnlv7s4rsn7tdwwmuqciwpid.onion'],
  ['smp6.simplex.im', 'bylepyau3ty4czmn77q4fglvperknl4bi2eb2fdy2bh4jxtf32kf73yd.onion'],
  ['smp8.simplex.im', 'beccx4yfxxbvyhqypaavemqurytl6hozr47wfc7uuecacjqdvwpw2xid.onion'],
  ['smp9.simplex.im', 'jssqzccmrcws6bhmn77vgmhfjmhwlyr3u7puw4erkyoosywgl67slqqd.onion'],
  ['smp10.simplex.im', 'rb2pbttocvnbrngnwziclp2f4ckjq65kebafws6g4hy22cdaiv5dwjqd.onion'],
]);

/** `smp://<fingerprint>@<hosts>[:port]` */
export function relayText(relay: ServerAddress): string {
  const [first, ...others] = relay.hosts;
  const onion = first === undefined || others.length > 0 ? undefined : ONION_HOSTS.get(first);
  return formatAddress(onion === undefined ? relay : { ...relay, hosts: [first!, onion] }, 'smp');
}
