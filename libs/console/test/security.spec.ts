/** What the console may load, run and send: its own files, from its own server, and nothing else. */
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { readConsoleFiles } from '../src/index.ts';
import { consoleFiles, startConsole } from './support/admin-port.ts';
import { newPage, openPage } from './support/browser.ts';
import { says } from './support/people.ts';
import { SCENES } from './support/scenes.ts';

vi.setConfig({ testTimeout: 120_000 });

describe('the policy', () => {
  it('comes with the page, and starts from nothing', async () => {
    const { url } = await startConsole(SCENES['one relay']!());
    const policy = (await fetch(url)).headers.get('content-security-policy')!;
    expect(policy.split('; ').toSorted()).toEqual([
      "base-uri 'none'", "connect-src 'self'", "default-src 'none'", "form-action 'none'", "frame-ancestors 'none'", "img-src 'self'",
      "require-trusted-types-for 'script'", "script-src 'self'", "style-src 'self'", "trusted-types 'none'",
    ]);
  });

  it('is obeyed: no markup in the page, no script in it, no other server', async () => {
    const { html } = consoleFiles();
    expect(html).not.toMatch(/<script(?! type="module" src="console\/console.js"><\/script>)| on\w+=| style=|<style|https?:/);
    const { url } = await startConsole(SCENES['three relays']!());
    const page = await newPage();
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    await page.goto(url);
    await says(page, 'All 3 nodes are ready');
    expect([...asked]).toEqual([new URL(url).origin]);
  });

  it('lets nothing become markup', async () => {
    const { url } = await startConsole(SCENES['one relay']!());
    const page = await newPage({}, /TrustedHTML/);
    await page.goto(url);
    await says(page, 'Ready');
    const tried = "(() => { try { document.body.insertAdjacentHTML('beforeend', '<b>x</b>'); return 'done'; } catch (error) { return error.name; } })()";
    expect(await page.evaluate(tried)).toBe('TypeError');
  });
});

describe('the sources', () => {
  it('use no way of making markup of text', async () => {
    const folder = new URL('../src/browser/', import.meta.url);
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      expect(await readFile(new URL(name, folder), 'utf8'), name).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|createContextualFragment|\beval\b|new Function/);
    }
  });
});

describe('the files', () => {
  it('are all there, of the right types, and open to who has no token', async () => {
    const { url } = await startConsole({ ...SCENES['one relay']!(), token: 'secret' });
    for (const [name, { contentType, content }] of consoleFiles().assets) {
      const answer = await fetch(`${url}console/${name}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, contentType]);
      expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
    }
    expect((await fetch(url)).headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect((await fetch(`${url}admin/fleet`)).status).toBe(401);
  });

  it('are none where they were not built', () => {
    expect(readConsoleFiles([new URL('./nowhere/', import.meta.url)])).toBeNull();
  });

  it('say what is needed where scripts are off', async () => {
    const { url } = await startConsole(SCENES['one relay']!());
    const page = await openPage(url, { javaScriptEnabled: false });
    await page.getByRole('heading', { name: 'Scripts must be allowed' }).waitFor();
  });
});
