/** What has befallen agents, counted: a simulation that never loses anything shows nothing. */

export type Counted =
  | 'lives' | 'steps' | 'commits' | 'commits run twice' | 'deaths before a commit' | 'deaths after a commit' | 'deaths between' | 'commands lost' | 'answers lost'
  | 'commands that come late' | 'stores that failed' | 'messages sent twice' | 'messages told twice' | 'connections broken' | 'relays restarted' | 'relays gone for good' | 'queues full'
  | 'queues moved' | 'queues added' | 'keys renewed' | 'read by former keys' | 'words heard' | 'with post-quantum keys' | 'by the standard procedure';

export class Coverage {
  readonly counts: Partial<Record<Counted, number>> = {};
  /** By what a commit changes: how often a process died before it and after it. */
  readonly deaths: Record<string, [before: number, after: number]> = {};

  count(what: Counted, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }

  died(commit: string, when: 0 | 1): void {
    (this.deaths[commit] ??= [0, 0])[when]++;
  }

  add({ counts, deaths }: Pick<Coverage, 'counts' | 'deaths'>): void {
    for (const [what, by] of Object.entries(counts)) this.count(what as Counted, by);
    for (const [commit, [before, after]] of Object.entries(deaths)) {
      const sums = (this.deaths[commit] ??= [0, 0]);
      sums[0] += before;
      sums[1] += after;
    }
  }
}
