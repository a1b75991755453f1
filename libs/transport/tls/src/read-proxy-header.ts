/** Takes the PROXY header off a socket, before TLS begins, and puts back what follows it. */
import { BlockList, isIP, type Socket } from 'node:net';
import { concatBytes } from '@polyplex/base';
import { parseIpAddress } from './ip-address.ts';
import { parseProxyHeader, PROXY_HEADER_MAX_BYTES } from './proxy-protocol.ts';

/** Calls back once, with the client's address, null where the header names none, or `malformed`; never after an end. */
export function readProxyHeader(socket: Socket, then: (result: { address: string | null } | 'malformed') => void): void {
  let received: Uint8Array = new Uint8Array(0);
  const onReadable = (): void => {
    for (let chunk = read(socket); chunk !== null; chunk = read(socket)) {
      received = concatBytes(received, chunk);
      const header = parseProxyHeader(received);
      if (header.state === 'more' && received.length < PROXY_HEADER_MAX_BYTES) continue;
      socket.off('readable', onReadable);
      if (header.state !== 'done') {
        then('malformed');
        return;
      }
      if (received.length > header.length) socket.unshift(received.subarray(header.length));
      then({ address: header.address });
      return;
    }
  };
  socket.on('readable', onReadable);
}

function read(socket: Socket): Uint8Array | null {
  return socket.read() as Uint8Array | null;
}

/** The balancers whose PROXY headers are believed, as addresses or `address/bits`. Throws `RangeError` for other text. */
export function trustedPeers(texts: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', bits] = text.split('/');
    const family = isIP(address);
    if (family === 0) throw new RangeError('a trusted proxy must be an IP address or address/bits');
    const type = family === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(bits), type);
  }
  return (address) => {
    const parsed = address === undefined ? null : parseIpAddress(address);
    if (parsed === null) return false;
    return parsed.family === 4 ? list.check(parsed.bytes.join('.')) : list.check(address!.replace(/%.*/, ''), 'ipv6');
  };
}
