/** An operator's steps on files (XFTP §5.7, §7.5), by the id of any recipient: that is what a complaint holds. */
import { z } from 'zod';
import { blockOrder, target } from './blocking.ts';

/** 255 bytes in base64url. */
const MAX_ID_TEXT = 344;

export const fileIdSchema = z.strictObject({
  id: z.string().max(MAX_ID_TEXT).describe('The id of any recipient of the file: base64url'),
});

export const fileBlockSchema = fileIdSchema.extend(blockOrder);

export const fileFactsSchema = z.object({
  status: z.string().describe('`active`, `not uploaded`, `off` or `blocked (<reason>)`'),
  size: z.number().describe('Bytes'),
  created: z.string().describe('ISO 8601, to the hour, UTC'),
});

export const fileDoneSchema = z.object({ status: z.enum(['blocked', 'unblocked', 'deleted']), target });

export type FileFacts = Readonly<z.infer<typeof fileFactsSchema>>;
