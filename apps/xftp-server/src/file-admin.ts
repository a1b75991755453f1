/** An operator's steps on files (XFTP §5.7, §7.5), by the id of a recipient: that is what a complaint holds. */
import { fromBase64Url, SECOND } from '@polyplex/base';
import type { BlockOrder, FileAdmin, FileFacts } from '@polyplex/nest';
import type { XftpServer } from '@polyplex/server-xftp';
import type { FileRecord, FileStore } from '@polyplex/store-contract';

const MAX_ID_BYTES = 255;

export function fileAdmin(files: FileStore, control: XftpServer['control']): FileAdmin {
  return {
    status: (text) => withId(text, async (id) => {
      const found = await files.find('recipient', id);
      return found === null ? 'missing' : factsOf(found.file);
    }),
    block: (text, order) => withId(text, async (id) => ((await control.block(id, infoOf(order))) ? 'ok' : 'missing')),
    unblock: (text) => withId(text, async (id) => ((await control.unblock(id)) ? 'ok' : 'missing')),
    delete: (text) => withId(text, async (id) => ((await control.remove(id)) ? 'ok' : 'missing')),
  };
}

async function withId<T>(text: string, step: (id: Uint8Array) => Promise<T>): Promise<T | 'malformed'> {
  const id = fromBase64Url(text);
  return id === null || id.length === 0 || id.length > MAX_ID_BYTES ? 'malformed' : step(id);
}

function infoOf({ reason, noticeSeconds }: BlockOrder) {
  return { reason, notice: noticeSeconds === null ? null : { ttl: noticeSeconds } };
}

function factsOf({ status, bodyId, size, createdAt }: FileRecord): FileFacts {
  const active = bodyId === null ? 'not uploaded' : 'active';
  return {
    status: status.state === 'blocked' ? `blocked (${status.info.reason})` : status.state === 'active' ? active : status.state,
    size,
    created: new Date(createdAt * SECOND).toISOString().slice(0, 16) + 'Z',
  };
}
