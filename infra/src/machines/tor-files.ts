/** Tor, of Debian: an onion service in front of relay and file servers, and the SOCKS port of the relay. */
import type { MachineStack } from '../config/schema.ts';
import type { MachineFile } from './machine-file.ts';
import { machinePlace, planMachines } from './plan.ts';

/** Tor takes one of several targets of a port by chance. */
function torrc(stack: MachineStack): string {
  const machines = planMachines(stack);
  const tor = machines.find(({ hasTor }) => hasTor);
  const isAlone = tor?.role === 'all';
  const ports = machines.flatMap(({ address, units }) => units.filter(({ name }) => name === 'relay' || name === 'files')
    .map(({ port, listen }) => `HiddenServicePort ${port} ${isAlone ? '127.0.0.1' : address}:${listen}`));
  // Nodes behind a balancer take none from this network without a PROXY header; Tor's has a made-up address for each circuit.
  const header = tor !== undefined && machinePlace(stack, tor).trustedProxies.length > 0 ? ['HiddenServiceExportCircuitID haproxy'] : [];
  const socks = isAlone ? '127.0.0.1' : tor?.address;
  return [`SocksPort ${socks}:9050`, 'SocksPolicy accept 10.20.0.0/16', 'SocksPolicy accept 127.0.0.0/8', 'SocksPolicy reject *', 'HiddenServiceDir /var/lib/tor/polyplex', ...header, ...ports, ''].join('\n');
}

export function torFiles(stack: MachineStack): readonly MachineFile[] {
  const own = { mode: '600', owner: 'debian-tor:debian-tor' };
  return [
    { path: '/etc/tor/torrc', mode: '644', owner: 'root:root', content: torrc(stack) },
    { ...own, path: '/var/lib/tor/polyplex/hs_ed25519_secret_key', content: { secret: 'onionKey' } },
    { ...own, path: '/var/lib/tor/polyplex/hs_ed25519_public_key', content: { secret: 'onionPublicKey' } },
    { ...own, path: '/var/lib/tor/polyplex/hostname', content: { secret: 'onionName' } },
  ];
}
