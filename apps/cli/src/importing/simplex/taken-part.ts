import type { TakenSettings } from '../import-settings.ts';
import type { SettingsPiece } from '../settings-piece.ts';

/** What a section of ours gets from several keys. */
export interface TakenPart {
  readonly settings: SettingsPiece[string];
  readonly files?: TakenSettings['files'];
  /** Keys that could not be taken. */
  readonly others?: readonly string[];
}
