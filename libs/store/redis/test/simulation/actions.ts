/** What clients have a node do. */
import type { SimNode } from './node.ts';
import type { World } from './world.ts';

/** As whoever looks a queue up finds it; 0 where there is none. */
export function revisionOf(world: World, queue: number): number {
  return world.queues[queue]!.state?.revision ?? 0;
}

/** A sender's message, tried again when the queue changed meanwhile. */
export function append(world: World, node: SimNode, queue: number): void {
  const id = world.nextMessage++;
  const attempt = (revision: number): void => node.append(queue, revision, id, (status) => {
    if (status === 'stored') world.stored.set(id, queue);
    else if (status !== null && status !== 'quota' && status.revision !== 0) attempt(status.revision);
  });
  attempt(revisionOf(world, queue));
}
