/** Text with its formats, as the web listing carries it (directory §3.9). */
import type { LinkFormat } from './text-link.ts';

export type TextFormat =
  | { readonly type: 'bold' | 'italic' | 'strikeThrough' | 'snippet' | 'secret' | 'uri' | 'email' | 'phone' }
  | { readonly type: 'colored'; readonly color: TextColor }
  | { readonly type: 'hyperLink'; readonly showText?: string; readonly linkUri: string }
  | LinkFormat
  | { readonly type: 'command'; readonly commandStr: string }
  | { readonly type: 'mention'; readonly memberName: string };

export interface FormattedText {
  /** Absent: as it is. */
  readonly format?: TextFormat;
  readonly text: string;
}

export const COLORS = ['red', 'green', 'blue', 'yellow', 'cyan', 'magenta'] as const;
export type TextColor = (typeof COLORS)[number];

/** What a piece of the source shows. */
export interface Piece extends FormattedText {
  /** How many characters of the source it takes. */
  readonly length: number;
}
