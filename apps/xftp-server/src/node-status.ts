/** What operators see of a running node: the rows of the status page. */
import type { StatusRow } from '@polyplex/nest';
import { upTime } from '@polyplex/node';
import type { XftpServer } from '@polyplex/server-xftp';
import type { ChunkStore, FileStore } from '@polyplex/store-contract';
import type { Http2Listener } from '@polyplex/transport-http2';

export interface StatusSources {
  readonly server: XftpServer;
  readonly files: FileStore;
  readonly chunks: ChunkStore;
  /** Null for no quota. */
  readonly quota: number | null;
  readonly listener: Http2Listener;
  readonly version: string;
  readonly address: string;
  readonly startedAt: number;
  readonly isDraining: () => boolean;
}

const GIB = 1024 ** 3;

/** Facts for people; those of a store are left out when it does not answer. */
export async function statusRows(sources: StatusSources): Promise<StatusRow[]> {
  const { server: { stats }, listener, version, address, startedAt, isDraining } = sources;
  return [
    { label: 'State', value: isDraining() ? 'draining' : 'running' },
    { label: 'Version', value: version },
    { label: 'Address', value: address },
    { label: 'Up for', value: upTime(startedAt) },
    { label: 'Connections', value: listener.connections.size },
    { label: 'Requests under way', value: listener.requests },
    ...(await storeRows(sources)),
    { label: 'Uploads since start', value: stats.filesUploaded.value },
    { label: 'Downloads since start', value: stats.fileDownloads.value },
  ];
}

async function storeRows({ files, chunks, quota }: StatusSources): Promise<StatusRow[]> {
  const [usage, room] = await Promise.allSettled([files.usage(), chunks.room()]);
  const records = usage.status === 'rejected' ? [{ label: 'Records', value: 'do not answer' }] : [
    { label: 'Files', value: usage.value.files },
    { label: 'Uploaded', value: usage.value.uploaded },
    { label: 'Used', value: gib(usage.value.bytes) + (quota === null ? '' : ` of ${gib(quota)}`) },
  ];
  const left = room.status === 'rejected' ? 'does not answer' : room.value === null ? 'unknown' : gib(room.value);
  return [...records, { label: 'Room on the disk', value: left }];
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
