/** The path of a command: look up → blocked? → authorise → handle (XFTP §6). A handler sees only verified input. */
import { type FileParty, type FoundFile } from '@polyplex/store-contract';
import { AUTH_ERROR, errorReply, type XftpCommandTag, xftpCommands } from '@polyplex/protocol-xftp';
import { authorize } from './authorize.ts';
import type { Call, Outcome } from './context.ts';
import { failure } from './failure.ts';
import { fileHandlers, sessionHandlers } from './handlers/index.ts';
import type { Incoming } from './incoming.ts';

/** The index in which a command's entity is looked up; null for commands that name no file. */
function partyOf(tag: XftpCommandTag): FileParty | null {
  const { party, entity } = xftpCommands[tag];
  if (entity === 'none') return null;
  return party === 'recipient' ? 'recipient' : 'sender';
}

/** Answers a command; never rejects. */
export async function answer(call: Call, incoming: Incoming): Promise<Outcome> {
  const { server, sender } = call;
  const { tag } = incoming.command;
  server.stats.commands.add(tag);
  try {
    const party = partyOf(tag);
    if (party === null) return await sessionHandlers(tag)({ call, incoming: incoming as never });
    const found: FoundFile | null = await server.files.find(party, incoming.entityId);
    const refusal = authorize(sender, incoming, found);
    if (refusal !== null || found === null) return { reply: errorReply(refusal ?? AUTH_ERROR) };
    return await fileHandlers(tag)({ call, incoming: incoming as never, file: found.file });
  } catch (error) {
    return { reply: failure(server, error) };
  }
}
