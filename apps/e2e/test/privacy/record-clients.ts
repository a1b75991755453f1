/** In every end-to-end test: notes what clients use, and has servers' output kept. See `collect.ts`. */
import type { NtfClient, SmpClient, XftpClient } from '@polyplex/client';
import { collectOutput } from '@polyplex/local-cluster';
import { inject, vi } from 'vitest';
import { UsedIds } from '../../src/index.ts';

const folder = inject('collectedOutput');
const used = new UsedIds(folder);
collectOutput(folder);

/** Notes the arguments and the answer of each call of these methods. */
function recorded<T extends object>(target: T, methods: readonly (keyof T & string)[]): T {
  for (const method of methods) {
    const original = target[method] as (...args: unknown[]) => Promise<unknown>;
    Object.defineProperty(target, method, {
      value: async (...args: unknown[]) => {
        used.note(args);
        const answer = await original.apply(target, args);
        used.note(answer);
        return answer;
      },
    });
  }
  return target;
}

const SMP_METHODS: readonly (keyof SmpClient)[] = ['request', 'requestBatch'];
const NTF_METHODS: readonly (keyof NtfClient)[] = ['request', 'requestBatch'];
const XFTP_METHODS: readonly (keyof XftpClient)[] = ['createChunk', 'addRecipients', 'uploadChunk', 'downloadChunk', 'deleteChunk', 'acknowledgeChunk'];

vi.mock('@polyplex/client', async (importOriginal) => {
  const original = await importOriginal<typeof import('@polyplex/client')>();
  const connectSmp: typeof original.connectSmp = async (options) => {
    const { onEvent } = options;
    const noting: typeof onEvent = (entityId, reply, late) => {
      used.note([entityId, reply]);
      onEvent?.(entityId, reply, late);
    };
    return recorded(await original.connectSmp({ ...options, onEvent: noting }), SMP_METHODS);
  };
  const connectXftp: typeof original.connectXftp = async (options) => recorded(await original.connectXftp(options), XFTP_METHODS);
  const connectNtf: typeof original.connectNtf = async (options) => recorded(await original.connectNtf(options), NTF_METHODS);
  return { ...original, connectSmp, connectXftp, connectNtf };
});
