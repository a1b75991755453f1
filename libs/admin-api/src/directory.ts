/** What the operator of a directory bot asks of it: who its administrators are, and the web listing or the links of channels now (directory §3.5, §3.8, §3.9). */
import { z } from 'zod';

export const adminListSchema = z.object({
  admins: z.array(z.object({
    setting: z.enum(['botDirectory.superUsers', 'botDirectory.adminUsers']),
    entry: z.string().describe('`number:name`, as the setting has it'),
    state: z.enum(['matches', 'renamed', 'missing'])
      .describe('`matches`: has the rights. `renamed`: had them, and has another name since. `missing`: no contact has, or had, this number and name'),
    entryNow: z.string().nullable().describe('Of who is `renamed`, what the setting has to say; else null'),
  })),
});

export const publishedSchema = z.object({
  at: z.iso.datetime().describe('UTC'),
  groups: z.number().int().nonnegative().describe('On the list'),
});

export const linkChecksSchema = z.object({
  channels: z.number().int().nonnegative().describe('Whose links are read, some at a time'),
});
