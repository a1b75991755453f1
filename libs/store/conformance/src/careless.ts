/**
 * A store whose caller overwrites the bytes of its arguments as soon as a call returns, and those of results when it has
 * made its own copy: what the store keeps of them, or shares between them, shows up later as garbage.
 */

const GARBAGE = 0xa5;

export function careless<T extends object>(store: T): T {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown;
      if (typeof method !== 'function' || name === 'listen') return method;
      return (...given: unknown[]): unknown => {
        const lent = given.map(copyOf);
        const answer = (method as (...args: unknown[]) => unknown).apply(target, lent);
        lent.forEach(overwrite);
        return answer instanceof Promise ? answer.then(takenOver) : answer;
      };
    },
  });
}

function takenOver(result: unknown): unknown {
  const copy = copyOf(result);
  overwrite(result);
  return copy;
}

function copyOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyOf(part)]));
}

function overwrite(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(GARBAGE);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(overwrite);
}
