/** Two that talk at the same time, whatever befalls their relays meanwhile. */
import type { TestAgent } from './test-agent.ts';

export interface Side {
  readonly who: TestAgent;
  readonly connectionId: string;
}

export function words(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name} ${String(i)}`);
}

/** The next messages of one side, acknowledged. */
export async function listen({ who }: Side, count: number): Promise<string[]> {
  const heard: string[] = [];
  while (heard.length < count) heard.push((await who.read()).text);
  return heard;
}

/** Says all of it, without waiting for anything but the store. */
export async function speak({ who, connectionId }: Side, texts: readonly string[]): Promise<void> {
  for (const text of texts) await who.say(connectionId, text);
}

/** What came beyond what was read, and what was given up: nothing. */
export function leftOver({ who }: Side): string[] {
  return who.events.filter(({ type }) => type === 'message' || type === 'not-sent').map(({ type }) => type);
}
