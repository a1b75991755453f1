/** For tests of what is built on chat clients: `@polyplex/chat/test-support`. */
export { ChannelOwner, type ChannelOwnerOptions } from './channels/channel-owner.ts';
export { ChatRelay, type ChatRelayOptions } from './channels/chat-relay.ts';
export { type WithChannels, withChannels } from './channels/with-channels.ts';
export { befriend, type ChatClient, type ClientOptions } from './chat-client.ts';
export { type WithClients, withClients } from './with-clients.ts';
