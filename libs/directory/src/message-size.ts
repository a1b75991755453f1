/** Keeps what is sent within a message (directory §1.4): first the image goes, then the end of the text. */
import type { MessageContent } from '@polyplex/protocol-chat';

/** Of the content as JSON; what is around it, with a quote, takes less than the rest of 15602. */
export const MAX_CONTENT_BYTES = 14_000;
const CUT = '…';

function jsonBytes(words: string): number {
  return Buffer.byteLength(JSON.stringify(words));
}

/** The longest beginning of at most `limit` bytes as JSON, in whole code points. */
export function shortened(words: string, limit: number): string {
  if (jsonBytes(words) <= limit) return words;
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (jsonBytes(words.slice(0, middle) + CUT) <= limit) low = middle;
    else high = middle - 1;
  }
  const isSplit = /[\uD800-\uDBFF]$/.test(words.slice(0, low));
  return words.slice(0, isSplit ? low - 1 : low) + CUT;
}

export function fitting(content: MessageContent): MessageContent {
  if (content.type === 'image' && jsonBytes(content.text) + content.image.length <= MAX_CONTENT_BYTES) return content;
  if (content.type === 'image') return { type: 'text', text: shortened(content.text, MAX_CONTENT_BYTES) };
  return content.type === 'text' ? { ...content, text: shortened(content.text, MAX_CONTENT_BYTES) } : content;
}
