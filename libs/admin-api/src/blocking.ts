/** What orders about queues and about files have in common. */
import { z } from 'zod';

const MAX_NOTICE_SECONDS = 2 ** 31 - 1;

export const blockOrder = {
  reason: z.enum(['spam', 'content']),
  noticeSeconds: z.number().int().min(0).max(MAX_NOTICE_SECONDS).nullable().optional()
    .describe('How long apps show a notice about it; without it they show none'),
};

/** So that an operator finds it again in the audit log, which has no ids. */
export const target = z.string().nullable().describe('What the audit log calls it; null where there is no audit log');

/** Why a queue or a file is blocked (SMP §8.5, XFTP §5.7). */
export interface BlockOrder {
  readonly reason: 'spam' | 'content';
  /** Seconds that clients show the notice; null for no notice. */
  readonly noticeSeconds: number | null;
}
