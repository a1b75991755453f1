/** What a test leaves behind is put away after it, last one first, all of it whatever fails. */
import { afterEach } from 'vitest';

const tasks: (() => unknown)[] = [];

export function cleanup(task: () => unknown): void {
  tasks.push(task);
}

afterEach(async () => {
  const failures: unknown[] = [];
  for (const task of tasks.splice(0).reverse()) {
    try {
      await task();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
});
