/** The directory bot on the command line: made where it is asked for, run beside the servers or alone, its address, its page, and the import of an old directory. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fleetSchema } from '@polyplex/admin-api';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { newFolder, polyplex, type Running, startReady } from './support.ts';

const BOT = /Directory bot\n +Address +(https:\/\/localhost\/a#\S+)\n +Page +(\S+)\n +Admin +(\S+)/;

function botOf({ output }: Running): { readonly address: string; readonly page: string; readonly admin: string } {
  const [, address, page, admin] = BOT.exec(output.stdout)!;
  return { address: address!, page: page!, admin: admin! };
}

/** The relay's: whoever has an address keeps the port that is in it. */
function portOf({ output }: Running): string[] {
  return ['--set', `listen.ports=${/@localhost:(\d+)/.exec(output.stdout)![1]!}`];
}

async function stopped(running: Running): Promise<void> {
  running.child.kill('SIGTERM');
  expect((await running.finished).code).toBe(EXIT_CODES.ok);
}

describe('a directory bot', { timeout: 180_000 }, () => {
  it('is made once, runs beside the servers from then on, and keeps its address', async () => {
    const folder = newFolder();
    const made = await polyplex(folder, ['bot', 'init']);
    expect([made.code, made.stdout]).toEqual([EXIT_CODES.ok, expect.stringMatching(/A new directory bot in[^]*"polyplex start" runs it beside the servers/)]);
    const key = readFileSync(join(folder, 'config/bot/store.key'), 'utf8');
    expect(await polyplex(folder, ['bot', 'init'])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('is there already') });
    expect(await polyplex(folder, ['bot', 'address'])).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('when it runs for the first time') });

    const running = await startReady(folder);
    const { address, page, admin } = botOf(running);
    expect(running.output.stdout).toContain('Nobody can approve groups');
    expect((await polyplex(folder, ['bot', 'address', '--qr'])).stdout).toContain(address);
    expect((await (await fetch(`${page}data/listing.json`)).json())).toEqual({ entries: [] });
    expect(await (await fetch(page)).text()).toContain('<title>Directory of groups</title>');
    expect([(await fetch(`${admin}readyz`)).status, (await fetch(`${admin}healthz`)).status]).toEqual([200, 200]);
    expect(await (await fetch(`${admin}metrics`)).text()).toMatch(/^polyplex_bot_contacts 0$/m);
    const port = portOf(running);

    // It is one of those that operators look at and steer.
    const at = ['--set', `botAdmin.port=${new URL(admin).port}`];
    const status = await polyplex(folder, ['status', '--only', 'bot', ...at]);
    expect([status.code, status.stdout]).toEqual([0, expect.stringMatching(/^Polyplex: 3 nodes, all ready[^]*SMP relay[^]*Directory bot {2}https:\/\/localhost[^]* ready [^]* 1\/1 [^]*0 groups listed, 0 wait for approval; 0 contacts, 0 members[^]*records {2}disk {3}answers/)]);
    const { nodes } = fleetSchema.parse(JSON.parse((await polyplex(folder, ['status', '--only', 'bot', '--json', ...at])).stdout));
    expect(nodes.map(({ service }) => service)).toEqual(['bot', 'smp', 'xftp']);
    expect((await polyplex(folder, ['bot', 'admins', ...at])).stdout).toContain('None. Connect to the bot, send it /whoami');
    expect(await polyplex(folder, ['bot', 'publish', ...at])).toMatchObject({ code: EXIT_CODES.ok, stdout: 'written: 0 on the list\n' });
    expect(await polyplex(folder, ['bot', 'check-links', ...at])).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringContaining('the links of 0 channels') });
    expect((await polyplex(folder, ['admin', 'log-level', 'warn', '--only', 'bot', ...at])).stdout).toBe('warn\n');
    expect((await polyplex(folder, ['admin', 'audit', '--only', 'bot', ...at])).stdout).toMatch(/listing[^]*link check[^]*log level +warn +ok/);
    expect(await polyplex(folder, ['admin', 'stats', '--only', 'bot', ...at])).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('the directory bot there cannot do this') });
    await stopped(running);
    expect(await polyplex(folder, ['bot', 'admins', ...at])).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('is the directory bot running?') });

    const again = await startReady(folder, [...port, '--set', 'botDirectory.voiceCaptchaCommand=/bin/true']);
    // It has its files in its folder now, and the file server beside it.
    expect([botOf(again).address, existsSync(join(folder, 'data/bot/files'))]).toEqual([address, true]);
    await stopped(again);
    await stopped(await startReady(folder, ['--set', 'servers.bot=off']));
    expect(readFileSync(join(folder, 'config/bot/store.key'), 'utf8')).toBe(key);
  });

  it('runs alone at relays that it is told of', async () => {
    const relay = await startReady(newFolder(), ['--only', 'smp']);
    const address = /smp:\/\/\S+/.exec(relay.output.stdout)![0];
    const folder = newFolder();
    await polyplex(folder, ['bot', 'init']);
    const bot = await startReady(folder, ['--only', 'bot', '--set', `bot.relays=${address}`]);
    expect([bot.output.stdout, botOf(bot).address]).toEqual([expect.not.stringContaining('SMP relay'), expect.stringContaining('/a#')]);
    await stopped(bot);
    await stopped(relay);
  });

  it('says what it lacks', async () => {
    const folder = newFolder();
    expect(await polyplex(folder, ['bot', 'start'])).toMatchObject({ code: EXIT_CODES.config, stderr: expect.stringContaining('"polyplex bot init" makes it') });
    await polyplex(folder, ['bot', 'init']);
    expect(await polyplex(folder, ['bot', 'start'])).toMatchObject({ code: EXIT_CODES.config, stderr: expect.stringMatching(/bot\.relays[^]*must name a relay/) });
    expect(await polyplex(folder, ['config', 'check', '--set', 'servers.run=bot', '--set', 'botDirectory.superUsers=nobody'])).toMatchObject({ code: EXIT_CODES.config, stderr: expect.stringContaining('number:name') });
    expect(await polyplex(folder, ['config', 'check', '--set', 'servers.run=bot', '--set', 'botAdmin.port=8390'])).toMatchObject({ code: EXIT_CODES.config, stderr: expect.stringContaining('botWeb.port') });
  });

  it('is not made anew where its key is lost', async () => {
    const folder = newFolder();
    await polyplex(folder, ['bot', 'init']);
    await stopped(await startReady(folder));
    rmSync(join(folder, 'config/bot/store.key'));
    expect(await polyplex(folder, ['bot', 'init'])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('without it they cannot be read') });
    writeFileSync(join(folder, 'config/bot/store.key'), `${Buffer.alloc(32).toString('base64url')}\n`);
    expect(await polyplex(folder, ['start', '--set', 'listen.ports=0', '--set', 'admin.port=0', '--set', 'xftpListen.ports=0', '--set', 'xftpAdmin.port=0'])).toMatchObject({ stderr: expect.stringContaining('bot.keyFile must be the key that they were made with') });
  });

  it('takes over what the reference\'s directory knew', async () => {
    const folder = newFolder();
    await polyplex(folder, ['bot', 'init']);
    const path = join(folder, 'old_chat.db');
    const database = new DatabaseSync(path);
    database.exec(`
      CREATE TABLE sx_directory_group_regs (group_reg_id INTEGER PRIMARY KEY, group_id INTEGER, user_group_reg_id INTEGER, contact_id INTEGER, owner_member_id INTEGER, group_reg_status TEXT, group_promoted INTEGER);
      CREATE TABLE groups (group_id INTEGER, group_profile_id INTEGER, custom_data BLOB);
      CREATE TABLE group_profiles (group_profile_id INTEGER, display_name TEXT);
      CREATE TABLE contacts (contact_id INTEGER, local_display_name TEXT);
      INSERT INTO group_profiles VALUES (1, 'Gardening'), (2, 'Cooking');
      INSERT INTO groups VALUES (3, 1, NULL), (4, 2, NULL);
      INSERT INTO contacts VALUES (7, 'anna');
      INSERT INTO sx_directory_group_regs VALUES (1, 3, 1, 7, 12, 'active', 1), (2, 4, 2, 7, 13, 'removed', 0), (3, 5, 3, 7, NULL, 'nonsense', 0);
    `);
    database.close();
    const checked = await polyplex(folder, ['import', 'directory', '--check', '--database', path]);
    expect([checked.code, checked.stdout, checked.stderr]).toEqual([EXIT_CODES.ok, expect.stringContaining('3 read, 2 registrations, 2 of them with a name'), expect.stringContaining('Row 3')]);
    const imported = await polyplex(folder, ['import', 'directory', '--database', path]);
    expect([imported.code, imported.stdout]).toEqual([EXIT_CODES.ok, expect.stringMatching(/Expected now +1:[^]*Ended +1:/)]);
    expect((await polyplex(folder, ['import', 'directory', '--database', path])).stdout).toMatch(/Expected now +0:[^]*Known before +1/);
    const log = join(folder, 'directory.log');
    writeFileSync(log, 'GCREATE group_id=3 user_group_id=1 contact_id=7 owner_member_id=12 status=active\nGSTATUS 9 active\n');
    expect(await polyplex(folder, ['import', 'directory', '--check', '--log', log])).toMatchObject({ code: EXIT_CODES.ok, stderr: expect.stringContaining('Line 2') });
    expect((await polyplex(folder, ['import', 'directory', '--database', log])).code).not.toBe(EXIT_CODES.ok);
    expect(await polyplex(folder, ['import', 'directory'])).toMatchObject({ code: EXIT_CODES.usage });
    expect(existsSync(join(folder, 'data/smp'))).toBe(false);
  });
});
