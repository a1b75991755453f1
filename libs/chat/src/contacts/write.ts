/** What we write to contacts (directory §2.1). */
import type { MessageContent } from '@polyplex/protocol-chat';
import type { MessageOptions } from '../chat-step.ts';
import { sendWithFile } from '../files/sent.ts';
import type { Step } from '../step.ts';
import { tellContact } from './send.ts';

export function sendToContact(step: Step, contactId: number, content: MessageContent, { quote, file }: MessageOptions = {}): string {
  const contact = step.knownContact(contactId);
  return sendWithFile(step, { to: { contactId }, file }, (attached) => {
    const msgId = step.newId();
    tellContact(step, contact, { event: 'x.msg.new', params: { content, ...(quote === undefined ? {} : { quote }), ...attached } }, msgId);
    return msgId;
  });
}
