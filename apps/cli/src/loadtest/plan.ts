/** What a load test does: from flags and defaults to a plan that needs no more questions. */
import { parseAddress, type AddressText } from '@polyplex/protocol-common';
import type { ProfileName, ScenarioName } from '@polyplex/swarm';
import { CliError } from '../report-failure.ts';


interface Size {
  readonly users: number;
  /** Messages a second at the height. */
  readonly rate: number;
  readonly seconds: number;
}

const SIZES: Readonly<Record<ProfileName, Size>> = {
  smoke: { users: 12, rate: 10, seconds: 10 },
  average: { users: 100, rate: 50, seconds: 300 },
  stress: { users: 200, rate: 200, seconds: 600 },
  spike: { users: 200, rate: 300, seconds: 300 },
  breakpoint: { users: 300, rate: 1000, seconds: 600 },
  soak: { users: 100, rate: 50, seconds: 3600 },
};

export interface LoadTestFlags {
  readonly target: string;
  readonly files?: string;
  readonly scenario: ScenarioName;
  readonly profile: ProfileName;
  readonly out: string;
  readonly users?: number;
  readonly rate?: number;
  readonly duration?: number;
  readonly workers: number;
  readonly admin: readonly string[];
  readonly tokenFile?: string;
  readonly prometheus?: string;
  readonly deliveryP99: number;
  readonly forUsers?: number;
  readonly messagesPerDay: number;
  readonly allowForeign?: true;
  readonly k6?: string;
}

export interface LoadPlan extends Size {
  readonly target: AddressText;
  readonly files: AddressText | null;
  readonly scenario: ScenarioName;
  readonly profile: ProfileName;
  readonly workers: number;
  /** Milliseconds that a delivery may take, for 99 of 100. */
  readonly deliveryP99: number;
  readonly forUsers: number | null;
  readonly messagesPerDay: number;
}

/** Throws `CliError` USAGE. */
export function planOf(flags: LoadTestFlags): LoadPlan {
  const { scenario, profile, workers, deliveryP99, messagesPerDay } = flags;
  const size = SIZES[profile];
  const target = ownAddress(flags.target, 'smp', flags.allowForeign === true);
  const files = flags.files === undefined ? null : ownAddress(flags.files, 'xftp', flags.allowForeign === true);
  if (scenario === 'files' && files === null) throw new CliError('USAGE', 'the scenario files needs --files xftp://…');
  return {
    target, files, scenario, profile, workers, deliveryP99, messagesPerDay,
    users: flags.users ?? size.users, rate: flags.rate ?? size.rate, seconds: flags.duration ?? size.seconds,
    forUsers: flags.forUsers ?? null,
  };
}

/** Who has a server's password may create queues there; who has not, is perhaps about to attack somebody else's. */
function ownAddress(text: string, scheme: 'smp' | 'xftp', allowForeign: boolean): AddressText {
  const address = parseAddress(text);
  if (address?.scheme !== scheme) throw new CliError('USAGE', `not an address of a server: ${scheme}://<fingerprint>:<password>@<host>[:<port>] is wanted`);
  if (address.password === null && !allowForeign) {
    throw new CliError('USAGE', `the address ${scheme}://… has no password, so this may be somebody else's server, and a load test is an attack there. ` +
      'Give the address with the password ("polyplex address" prints it), or say --allow-foreign if the server is yours and has none');
  }
  return address;
}
