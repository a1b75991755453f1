/** `polyplex ntf`: how a running push proxy gets on with relays and push services, and the key that apps subscribe with. */
import type { AnswerOf, RouteName } from '@polyplex/admin-api';
import { Command } from 'commander';
import { readVapidPublicKey } from 'ntf-server';
import { ask } from '../admin-client.ts';
import { type ConfigFlags, loadSettings, withConfigOptions } from '../config-options.ts';
import { type AdminFlags, targetOf, withAdminOptions } from '../control/admin-flags.ts';
import { placesText, relaysText } from '../control/push-text.ts';

type PushRoute = Extract<RouteName, 'relays' | 'places'>;

function look<N extends PushRoute>(name: N, description: string, text: (answer: AnswerOf<N>) => string): Command {
  return withAdminOptions(new Command(name)).description(description).action(async (flags: AdminFlags) => {
    const answer = await ask(targetOf(flags, 'ntf'), name);
    process.stdout.write(`${flags.json === true ? JSON.stringify(answer) : text(answer)}\n`);
  });
}

function vapid(flags: ConfigFlags): void {
  process.stdout.write(`${readVapidPublicKey(loadSettings({ ...flags, only: 'ntf' }).values)}\n`);
}

const HELP = `
Of several nodes each tells of the relays that it watches and of the pushes that it sends; "polyplex status" has all together.

Examples:
  polyplex ntf relays
  polyplex ntf places --json
  polyplex ntf vapid`;

export function ntfCommand(): Command {
  return new Command('ntf')
    .description('look at the relays and push services of the running push proxy')
    .addCommand(look('relays', 'how the watched relays are, those first that seem to have moved or died', relaysText))
    .addCommand(look('places', 'how the push services are: lines, and who asked for a pause', placesText))
    .addCommand(withConfigOptions(new Command('vapid')).description('print the key that apps give to push services (VAPID, RFC 8292)').action(vapid))
    .addHelpText('after', HELP);
}
