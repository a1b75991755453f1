export type { AuthPrivateKey } from './authorizer.ts';
export { backoffMs, type BackoffOptions, DEFAULT_BACKOFF } from './backoff.ts';
export { type HostChoice, SMP_PORT } from './choose-host.ts';
export { ProxyRefusedError, RefusedError, SmpClientError, type SmpClientErrorCode } from './client-error.ts';
export { connectSmp, type ConnectSmpOptions } from './connect-smp.ts';
export { createQueue, type CreateQueueOptions, type LinkData, type QueueLink, senderIdOf } from './create-queue.ts';
export { type Dial, type DialTarget, tlsDial, type TlsDialOptions } from './dial.ts';
export { DEFAULT_KEEP_ALIVE, type KeepAliveOptions } from './keep-alive.ts';
export { type NotificationMeta, openMessage, openNotificationMeta, type ReceivedMessage } from './open-message.ts';
export { connectNtf, type ConnectNtfOptions, NTF_PORT } from './ntf/connect-ntf.ts';
export type { NtfClient, NtfRequest, NtfRequestOptions } from './ntf/ntf-client.ts';
export { NtfRefusedError } from './ntf/ntf-error.ts';
export { checkSubscription, createSubscription, createSubscriptions, deleteSubscription, type NotifierAt } from './ntf/subscription-commands.ts';
export { checkToken, deleteToken, pingProxy, type RegisteredToken, registerToken, replaceToken, setCron, type TokenKeys, verifyToken } from './ntf/token-commands.ts';
export { ProxiedRequester } from './proxied-requester.ts';
export { openProxySession, type OpenProxySessionOptions, type ProxySession } from './proxy-session.ts';
export type { NotifierKeys, RecipientKeys, RecipientQueue, SenderKeys } from './queue-keys.ts';
export {
  acknowledge, addNotifier, deleteLinkData, deleteNotifier, deleteQueue, getMessage, queueInfo, secureQueue, setLinkData, setRecipientKeys, suspendQueue,
} from './recipient-commands.ts';
export { createReconnectingClient, type ReconnectingClient, type ReconnectingOptions, type SubscriptionState } from './reconnecting-client.ts';
export type { Requester, RequestOptions } from './requester.ts';
export { hasRouteEnded, routeFailure } from './route-failure.ts';
export { getLink, type Link, secureBySender, secureLink, sendMessage } from './sender-commands.ts';
export type { BatchedRequest, ClientServiceSession, SmpClient, SmpEventHandler } from './smp-client.ts';
export {
  subscribe, subscribeAll, type Subscribed, subscribeNotifications, type SubscribeOutcome, subscribeService, type Subscription,
} from './subscribe.ts';
export { abandonSending, type AbandonSendingOptions } from './xftp/abandon-sending.ts';
export { deleteFile, type DeleteFileOptions } from './xftp/delete-file.ts';
export { XftpFileError, type XftpFileErrorCode } from './xftp/file-error.ts';
export { fileInfo, type FileInfo } from './xftp/file-info.ts';
export { linkableDescription, type LinkOptions, MAX_LINK_LENGTH } from './xftp/file-link.ts';
export type { ReplicasOutcome } from './xftp/for-replicas.ts';
export { receiveFile, type ReceivedFile, type ReceiveFileOptions, transferDigest } from './xftp/receive-file.ts';
export { safeFileName } from './xftp/safe-name.ts';
export { MAX_FILE_BYTES, MAX_RECIPIENTS, sendFile, type SendFileOptions, type SentFile } from './xftp/send-file.ts';
export type { RetryNotice, ServerLinesOptions } from './xftp/server-lines.ts';
export type { FileOutput, FileSource, TransferPlace, WorkFile } from './xftp/transfer-place.ts';
export type { OnProgress, TransferPhase, TransferProgress } from './xftp/transfer-progress.ts';
export { connectXftp, type ConnectXftpOptions, XFTP_PORT } from './xftp/connect-xftp.ts';
export type { ChunkFacts, TakePiece } from './xftp/chunk-download.ts';
export { DEFAULT_XFTP_TIMEOUTS, type AuthPublicKey, type ChunkRequestOptions, type CreatedChunk, type NewChunk, type XftpClient, type XftpTimeouts } from './xftp/xftp-client.ts';
export { http2Dial, type XftpDial, type XftpDialTarget } from './xftp/xftp-dial.ts';
export { isTemporary, XftpClientError, type XftpClientErrorCode, XftpRefusedError } from './xftp/xftp-error.ts';
export type { EntityKey } from './xftp/xftp-session.ts';
