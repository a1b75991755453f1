/** Files of an agent: how a transfer goes on, and what is told of it. */
import type { AgentStep } from '../agent-step.ts';

/** What an application is told of its files. */
export type FileEvent =
  /** It is at the file servers. `descriptions`: one for each recipient, as text, a secret; servers forget the file after a time (by default two days). */
  | { readonly type: 'file-sent'; readonly fileId: string; readonly descriptions: readonly string[] }
  /** It is whole, under a name that was free; `size` in bytes. */
  | { readonly type: 'file-received'; readonly fileId: string; readonly path: string; readonly size: number }
  /** It was given up. `reason`: NO_FILE, DESCRIPTION, EXPIRED, or what a server or the file room has said. */
  | { readonly type: 'file-failed'; readonly fileId: string; readonly reason: string };

/** As `EventHandler`, of files. */
export type FileEventHandler = (event: FileEvent, step: AgentStep) => void;
