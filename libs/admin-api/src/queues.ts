/** An operator's steps on queues (SMP §8.5, §9.5). Ids travel in bodies, so that no access log on the way keeps them. */
import { z } from 'zod';
import { blockOrder, target } from './blocking.ts';

const MAX_ID_TEXT = 64;

export const queueIdSchema = z.strictObject({
  id: z.string().max(MAX_ID_TEXT).describe('The queue\'s sender id, or the id of its short link: base64url'),
});

export const queueBlockSchema = queueIdSchema.extend(blockOrder);

export const queueFactsSchema = z.object({
  status: z.string().describe('`active`, `off` (suspended by its owner) or `blocked (<reason>)`'),
  mode: z.enum(['messaging', 'contact', 'unknown']).describe('What its owner made it for; old clients did not say'),
  usedDay: z.iso.date().describe('Day of last use, UTC'),
  messages: z.number().int().describe('Waiting for its owner'),
});

export const queueDoneSchema = z.object({ status: z.enum(['active', 'blocked']), target });

export const queueDeletedSchema = z.object({ messages: z.number().int().describe('That waited in it and went with it'), target });

export type QueueFacts = Readonly<z.infer<typeof queueFactsSchema>>;
