/** Bodies of requests by their schemas; what is wrong with one is said without quoting it. */
import { BadRequestException } from '@nestjs/common';
import type { z } from 'zod';

/** Throws the answer 400. */
export function readBody<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message, code }) => {
    const field = path.length === 0 ? 'the body' : `\`${path.join('.')}\``;
    return `${field}: ${code === 'unrecognized_keys' ? 'has a field that is not known' : message}`;
  });
  throw new BadRequestException(problems.join('; '));
}
