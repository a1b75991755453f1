/** Addresses of this machine's side: where ports are bound, and the networks of load balancers. */
import { isIP } from 'node:net';

const HOST_NAME = /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/;
/** A last part in digits alone is an IPv4 address that is none, such as 300.1.1.1. */
const ENDS_IN_NUMBER = /(^|\.)\d+$/;
const NETWORK_BITS = /^\d{1,3}$/;

/** Whether a port can be bound to it, as far as can be told without asking the name service. */
export function isListenHost(text: string): boolean {
  return isIP(text) !== 0 || (HOST_NAME.test(text) && !ENDS_IN_NUMBER.test(text));
}

/** An IP address, or a network as `address/bits`. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || more.length > 0) return false;
  return bits === undefined || (NETWORK_BITS.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
