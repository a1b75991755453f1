/**
 * The exposition for Prometheus. Names of the reference (XFTP §7.4) where the meaning is the same, `polyplex_` otherwise.
 * Counters run since the start; everything is read when scraped and nothing scans. Labels come from closed sets.
 */
import type { MetricsSource } from '@polyplex/nest';
import { addPlatformMetrics, Metrics, orNull, type PlatformSources } from '@polyplex/node';
import type { XftpServer } from '@polyplex/server-xftp';
import type { ChunkStore, FileStore, FileUsage } from '@polyplex/store-contract';
import type { Http2Listener } from '@polyplex/transport-http2';

export interface MetricsSources extends Required<Pick<PlatformSources, 'readiness' | 'certificates' | 'startedAt'>> {
  readonly server: XftpServer;
  readonly files: FileStore;
  readonly chunks: ChunkStore;
  /** Null for no quota. */
  readonly quota: number | null;
  readonly listener: Http2Listener;
  readonly version: string;
}

export function nodeMetrics(sources: MetricsSources): MetricsSource {
  const metrics = new Metrics(['simplex_xftp_info', 'Version of this file server'], sources.version);
  addCounters(metrics, sources.server);
  addFamilies(metrics, sources);
  addGauges(metrics, sources);
  addUsage(metrics, sources);
  const { listener, files, chunks, readiness, certificates, startedAt } = sources;
  addPlatformMetrics(metrics, { listener, stores: { files, bodies: chunks }, readiness, certificates, startedAt });
  return { text: () => metrics.text() };
}

function addCounters(metrics: Metrics, { stats }: XftpServer): void {
  metrics.counter(['simplex_xftp_files_created', 'Files created'], () => stats.filesCreated.value);
  metrics.counter(['simplex_xftp_files_recipients', 'Recipients of files created'], () => stats.fileRecipients.value);
  metrics.counter(['simplex_xftp_files_uploaded', 'Files uploaded'], () => stats.filesUploaded.value);
  metrics.counter(['simplex_xftp_files_expired', 'Files deleted by age'], () => stats.filesExpired.value);
  metrics.counter(['simplex_xftp_files_deleted', 'Files deleted by their senders or the operator'], () => stats.filesDeleted.value);
  metrics.counter(['simplex_xftp_files_blocked', 'Files blocked by the operator'], () => stats.filesBlocked.value);
  metrics.counter(['simplex_xftp_file_downloads', 'Downloads begun'], () => stats.fileDownloads.value);
  metrics.counter(['simplex_xftp_file_download_acks', 'Files acknowledged by recipients'], () => stats.fileDownloadAcks.value);
  metrics.counter(['polyplex_xftp_uploaded_bytes_total', 'Bytes of uploads, also of those that did not end well'], () => stats.bytesUploaded.value);
  metrics.counter(['polyplex_xftp_downloaded_bytes_total', 'Bytes of downloads, also of those that did not end well'], () => stats.bytesDownloaded.value);
  metrics.counter(['polyplex_xftp_internal_errors_total', 'Commands answered ERR INTERNAL by a fault of the program'], () => stats.internalErrors.value);
  metrics.counter(['polyplex_xftp_store_failures_total', 'Commands that the store of records or of bodies failed'], () => stats.storeFailures.value);
}

function addFamilies(metrics: Metrics, { server: { stats } }: MetricsSources): void {
  metrics.family(['polyplex_xftp_commands_total', 'Commands by name'], 'command', stats.commands);
  metrics.family(['polyplex_xftp_errors_total', 'ERR answers by type'], 'type', stats.errors);
  metrics.family(['polyplex_xftp_handshake_failures_total', 'XFTP handshakes that failed'], 'reason', stats.handshakeFailures);
  metrics.family(['polyplex_xftp_connections_closed_total', 'Connections closed'], 'reason', stats.closed);
  metrics.family(['polyplex_xftp_bodies_swept_total', 'Bodies removed that a crash or a vanished client had left'], 'kind', stats.bodiesSwept);
  metrics.histogramFamily(['polyplex_xftp_command_seconds', 'From a command\'s block to the first byte of its answer; of FPUT the whole upload'], 'command', stats.commandSeconds);
  metrics.histogramFamily(['polyplex_xftp_transfer_seconds', 'Transfers that came to a good end, as fast as their clients took part'], 'direction', stats.transferSeconds);
}

function addGauges(metrics: Metrics, { server, listener, quota }: MetricsSources): void {
  metrics.gauge(['simplex_xftp_files_count_daily', 'Different files downloaded today, UTC; an estimate'], () => server.stats.filesDownloaded.day);
  metrics.gauge(['simplex_xftp_files_count_weekly', 'Different files downloaded this week, from Monday; an estimate'], () => server.stats.filesDownloaded.week);
  metrics.gauge(['simplex_xftp_files_count_monthly', 'Different files downloaded this month; an estimate'], () => server.stats.filesDownloaded.month);
  metrics.gauge(['polyplex_xftp_quota_bytes', 'Most bytes that all files may have; NaN for any number'], () => quota ?? NaN);
  metrics.gauge(['polyplex_xftp_connections', 'Connections served'], () => listener.connections.size);
  metrics.gauge(['polyplex_xftp_requests', 'Requests under way'], () => listener.requests);
  metrics.gauge(['polyplex_xftp_uploads', 'Uploads under way'], () => server.gauges().uploads);
  metrics.gauge(['polyplex_xftp_downloads', 'Downloads under way'], () => server.gauges().downloads);
  metrics.gauge(['polyplex_xftp_transfers_waiting', 'Uploads and downloads that wait for a place'], () => server.gauges().waiting);
}

/** A store that does not answer, or not soon, leaves its last counts and says so; the rest of the scrape is still served. */
function addUsage(metrics: Metrics, { files, chunks }: MetricsSources): void {
  let usage: FileUsage = { files: NaN, uploaded: NaN, bytes: NaN };
  let asked: Promise<boolean> | null = null;
  /** Once for all that are read together. */
  const answered = (): Promise<boolean> => {
    asked ??= orNull(files.usage()).then((present) => {
      usage = present ?? usage;
      return present !== null;
    }).finally(() => (asked = null));
    return asked;
  };
  const of = (what: keyof FileUsage) => async () => answered().then(() => usage[what]);
  metrics.gauge(['simplex_xftp_files_count_total', 'Files with a body'], of('uploaded'));
  metrics.gauge(['simplex_xftp_files_size', 'Bytes that count to the quota: of files, of uploads under way, of bodies not yet removed'], of('bytes'));
  metrics.gauge(['polyplex_xftp_files', 'Files known, uploaded or not'], of('files'));
  metrics.gauge(['polyplex_store_available', '1 when the store of records answered this scrape'], async () => Number(await answered()));
  metrics.gauge(['polyplex_chunk_store_available', '1 when bodies of files could be written at this scrape'], async () => Number((await orNull(chunks.check().then(() => true))) ?? false));
  metrics.gauge(['polyplex_chunk_store_room_bytes', 'Bytes that may be written before the reserve is reached; NaN where unknown'], async () => (await orNull(chunks.room())) ?? NaN);
}
