/** RFWD: a command that another relay forwards for a client that we never see (SMP §7.2, §7.3). */
import { agree, boxKeyOf } from '@polyplex/crypto';
import {
  commandError, errorReply, openForwarded, openInner, PROHIBITED, replyTransmission, sealForwardedResponse, sealInnerResponse, type SmpCommandTag, type SmpReply,
} from '@polyplex/protocol-smp';
import { Verifier } from '@polyplex/server-core';
import { timed } from '@polyplex/telemetry';
import type { Relay, Sender, SessionContext, SessionHandler } from './context.ts';
import { UNANSWERED } from './failure.ts';
import { type Answer, parseItem } from './incoming.ts';

const FORWARDABLE: ReadonlySet<SmpCommandTag> = new Set(['SEND', 'SKEY', 'LKEY', 'LGET']);

const NO_AUTH: SmpReply = errorReply({ type: 'PROXY', error: { type: 'BROKER', error: { type: 'TRANSPORT', error: 'NO_AUTH' } } });

/** The commands of a proxied client: encodings and sizes of its version, authorised for our session with the proxy. */
function forwardedSender({ client, sessionId }: Sender, version: number): Sender {
  const verifier = new Verifier(client.session.sessionKeys.privateKey);
  return { client, version, sessionId, verifier, service: null, forwarded: true };
}

async function answerForwarded(relay: Relay, sender: Sender, transmission: Uint8Array): Promise<Answer> {
  const parsed = parseItem(transmission, sender.version, sender.sessionId);
  if ('answer' in parsed) return parsed.answer;
  const { corrId, entityId, command } = parsed.incoming;
  if (!FORWARDABLE.has(command.tag)) return { corrId, entityId, reply: errorReply(PROHIBITED) };
  const [answer] = await timed(relay.stats.commandSeconds.of(command.tag), () => relay.answer(sender, [parsed]));
  return answer!;
}

export const RFWD: SessionHandler<'RFWD'> = async ({ relay, sender, incoming }: SessionContext<'RFWD'>) => {
  const { secret, sessionKeys } = sender.client.session;
  if (secret === null) return NO_AUTH;
  relay.stats.forwardsReceived.add();
  const outerKey = boxKeyOf(secret);
  const forwarded = openForwarded(outerKey, incoming.corrId, incoming.command.encFwdTransmission);
  if (forwarded === 'SYNTAX') return errorReply(commandError('SYNTAX'));
  if (forwarded === 'CRYPTO') return errorReply({ type: 'CRYPTO' });
  const innerSecret = agree(sessionKeys.privateKey, forwarded.key);
  if (innerSecret === null) return errorReply({ type: 'CRYPTO' });
  const innerKey = boxKeyOf(innerSecret);
  const inner = openInner(innerKey, forwarded.corrId, forwarded.encTransmission);
  if ('error' in inner) return errorReply({ type: inner.error });
  const forwardSender = forwardedSender(sender, forwarded.version);
  const { corrId, entityId, reply } = await answerForwarded(relay, forwardSender, inner.transmission);
  if (reply === UNANSWERED) return UNANSWERED;
  if (reply.tag === 'MESSAGE') return errorReply({ type: 'INTERNAL' }); // no command that may be forwarded is answered so
  const response = replyTransmission(reply, { sessionId: sender.sessionId, corrId, entityId }, forwarded.version);
  const encResponse = sealInnerResponse(innerKey, forwarded.corrId, response);
  if (encResponse === null) return errorReply({ type: 'BLOCK' });
  return { tag: 'RRES', encFwdResponse: sealForwardedResponse(outerKey, incoming.corrId, forwarded.corrId, encResponse) };
};
