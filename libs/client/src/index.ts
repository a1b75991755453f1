export type { AuthPrivateKey } from './authorizer.ts';
export { type BackoffOptions, DEFAULT_BACKOFF } from './backoff.ts';
export { type HostChoice, SMP_PORT } from './choose-host.ts';
export { ProxyRefusedError, RefusedError, SmpClientError, type SmpClientErrorCode } from './client-error.ts';
export { connectSmp, type ConnectSmpOptions } from './connect-smp.ts';
export { createQueue, type CreateQueueOptions, type LinkData, senderIdOf } from './create-queue.ts';
export { type Dial, type DialTarget, tlsDial, type TlsDialOptions } from './dial.ts';
export { DEFAULT_KEEP_ALIVE, type KeepAliveOptions } from './keep-alive.ts';
export { type NotificationMeta, openMessage, openNotificationMeta, type ReceivedMessage } from './open-message.ts';
export { ProxiedRequester } from './proxied-requester.ts';
export { openProxySession, type OpenProxySessionOptions, type ProxySession } from './proxy-session.ts';
export type { NotifierKeys, RecipientKeys, RecipientQueue, SenderKeys } from './queue-keys.ts';
export {
  acknowledge, addNotifier, deleteLinkData, deleteNotifier, deleteQueue, getMessage, queueInfo, secureQueue, setLinkData, setRecipientKeys, suspendQueue,
} from './recipient-commands.ts';
export { createReconnectingClient, type ReconnectingClient, type ReconnectingOptions, type SubscriptionState } from './reconnecting-client.ts';
export type { Requester, RequestOptions } from './requester.ts';
export { getLink, type Link, secureBySender, secureLink, sendMessage } from './sender-commands.ts';
export type { BatchedRequest, ClientServiceSession, SmpClient, SmpEventHandler } from './smp-client.ts';
export {
  subscribe, subscribeAll, type Subscribed, subscribeNotifications, type SubscribeOutcome, subscribeService, type Subscription,
} from './subscribe.ts';
