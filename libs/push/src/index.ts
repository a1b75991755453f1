export { type ApnsKey, type ApnsKeyFile, readApnsKey } from './apns/apns-key.ts';
export { APPLE_ENVIRONMENTS, type ApnsEnvironment, type ApnsOptions } from './apns/apns-sender.ts';
export { createPushSender, nullSender, type PushSenderOptions } from './create-push-sender.ts';
export { PushSetupError, type PushSetupErrorCode } from './push-error.ts';
export type { Push, PushAnswer, PushCause, PushSender } from './push-sender.ts';
export { generateSigningKey } from './signing-key.ts';
export { isWebPush, webPushOrigin, type WebPushOrigin } from './web-push/endpoint.ts';
export { checkSubject, readVapidKey, type VapidKey } from './web-push/vapid.ts';
export type { WebPushOptions } from './web-push/web-push-sender.ts';
