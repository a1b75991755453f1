/** Links between the project's own documents lead somewhere. */
import { existsSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { workspaceRoot } from '../workspaces.ts';

const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: workspaceRoot, encoding: 'utf8' }).trim().split('\n');

/** As GitHub makes them of headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = text.matchAll(/^#{1,6} (.+)$/gm);
  return new Set([...headings].map(([, heading]) => heading!.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')));
}

function brokenLinks(document: string): string[] {
  const text = readFileSync(join(workspaceRoot, document), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!).filter((link) => !/^[a-z]+:/.test(link));
  return links.filter((link) => {
    const [path, anchor] = link.split('#') as [string, string | undefined];
    const target = path === '' ? join(workspaceRoot, document) : join(workspaceRoot, dirname(document), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(readFileSync(target, 'utf8')).has(anchor);
  });
}

test.each(documents)('%s', (document) => {
  expect(brokenLinks(document)).toEqual([]);
});

test('a broken link is found', () => {
  expect(anchorsOf('# One, two\n## `three.four` (5)\n')).toEqual(new Set(['one-two', 'threefour-5']));
  expect(documents.length).toBeGreaterThan(50);
});
