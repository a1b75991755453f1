/** What processes of the benchmarks tell the one that started them. */
import type { ChildProcess } from 'node:child_process';

/** The next message of a process, called so in the error where it ends instead. */
export function told<T>(child: ChildProcess, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the process ${name} ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (value) => {
      child.off('exit', ended);
      resolve(value as T);
    });
  });
}

/** One question after another. */
export function ask<T>(child: ChildProcess, name: string, question: object | string): Promise<T> {
  const answer = told<T>(child, name);
  child.send(question);
  return answer;
}
