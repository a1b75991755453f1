export { type BotConfig, botConfig, botRules, botSections } from './config/bot-config.ts';
export { type BotFiles, readBotFiles } from './bot-files.ts';
export { newBotKey, readBotKey } from './bot-key.ts';
export { type BotNode, type BotNodeDeps, createBotNode } from './bot-node.ts';
export { importReference, type ReadReference, readReferenceDatabase, readReferenceLog } from './import-reference.ts';
export { botAddressFile, botFolder, holdsBotData, inspectDirectory } from './open-store.ts';
