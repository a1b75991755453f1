/** The HTTPS side of the shared port: what browsers get, while apps get the relay on the same port (SMP §2.7, §9.8). */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import vm from 'node:vm';
import { createQueue } from '@polyplex/client';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { SmpNode } from '../src/index.ts';
import { linkPage } from '../src/page/link-page.ts';
import { connect, newLeaf, relayFolder, startNode } from './support.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function startShared(...settings: readonly string[]): Promise<{ readonly node: SmpNode; readonly port: number }> {
  const folder = relayFolder();
  const web = { key: join(folder, 'web.key'), certificate: join(folder, 'web.crt') };
  const made = newLeaf();
  writeFileSync(web.key, made.key);
  writeFileSync(web.certificate, made.certificate);
  const node = await startNode(folder, 'listen.ports=', 'listen.sharedPort=0', `listen.webCertificateFile=${web.certificate}`, `listen.webKeyFile=${web.key}`, ...settings);
  return { node, port: node.endpoints[0]!.port };
}

function get(port: number, path: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, servername: 'localhost', rejectUnauthorized: false, agent: false };
    request(options, (response) => {
      let body = '';
      response.on('data', (part: Buffer) => (body += part.toString()));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    }).on('error', reject).end();
  });
}

describe('the shared port', () => {
  it('serves browsers the information page and apps the relay', async () => {
    const { node, port } = await startShared(
      'information.sourceCode=https://example.org/source', 'information.operator=<b>Ann & Bob</b>', 'information.adminSimplex=simplex:/a#x"y', 'messages.expireAfter=2d',
    );
    const { status, body } = await get(port, '/');
    expect(status).toBe(200);
    expect(body).toContain(node.address);
    expect(body).toContain('&lt;b&gt;Ann &amp; Bob&lt;/b&gt;');
    expect(body).toContain('href="simplex:/a#x&quot;y"');
    expect(body).toContain('at most 2 days');
    await createQueue(await connect(node), { subscribe: false });
  });

  it('loads and runs nothing from outside: its policy names its own style and script only', async () => {
    const { port } = await startShared();
    for (const path of ['/', '/a', '/contact/']) {
      const { headers, body } = await get(port, path);
      expect(body).not.toMatch(/<(script|link|img)[^>]+(src|href)="(?!data:)/);
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/^default-src 'none'/);
      for (const tag of ['style', 'script']) {
        const inline = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(body)?.[1];
        if (inline !== undefined) expect(policy).toContain(`${tag}-src 'sha256-${createHash('sha256').update(inline).digest('base64')}'`);
      }
    }
  });

  it('has a page behind every kind of link, and nothing else', async () => {
    const { port } = await startShared();
    for (const path of ['/a', '/c', '/g', '/i', '/r', '/contact', '/invitation', '/a/', '/a/index.html', '/i?x=1']) expect((await get(port, path)).status, path).toBe(200);
    for (const path of ['/x', '/a/b', '/../a', '/%61', '/.well-known/acme', '//']) expect((await get(port, path)).status, path).toBe(404);
    expect((await get(port, '/', 'POST')).status).toBe(405);
    expect(await get(port, '/', 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it('upgrades to WebSockets where that is on', async () => {
    const open = async (port: number): Promise<string> => {
      const socket = new WebSocket(`wss://localhost:${port}/`, { rejectUnauthorized: false, perMessageDeflate: false });
      const outcome = await new Promise<string>((resolve) => {
        socket.on('message', (block: Buffer) => resolve(`block of ${block.length}`));
        socket.on('error', () => resolve('refused'));
      });
      socket.terminate();
      return outcome;
    };
    expect(await open((await startShared('listen.webSockets=on')).port)).toBe('block of 16384');
    expect(await open((await startShared()).port)).toBe('refused');
  });

  it('without a web certificate is a port of the relay, and the node says what is missing', async () => {
    const node = await startNode(relayFolder(), 'listen.ports=', 'listen.sharedPort=0');
    expect(node.warnings.join()).toContain('listen.webCertificateFile');
    await createQueue(await connect(node), { subscribe: false });
  });
});

describe('a link page', () => {
  /** Runs the page's script on a pretended page; answers where "Open in the app" leads. */
  function openLink(kind: string, url: string): string {
    const script = /<script>([^]*)<\/script>/.exec(linkPage(kind).html)![1]!;
    const elements = new Map(['open', 'text', 'copy', 'none'].map((id) => [id, { href: '', textContent: '', hidden: false, addEventListener: () => undefined }]));
    const document = { getElementById: (id: string) => elements.get(id), querySelectorAll: () => [] };
    vm.runInNewContext(script, { document, location: new URL(url), URLSearchParams, encodeURIComponent });
    return elements.get('open')!.href;
  }

  it.each([
    ['a', 'https://smp.example.org/a#KEY', 'simplex:/a#KEY?h=smp.example.org'],
    ['i', 'https://smp.example.org/i#ID/KEY?h=x.onion&p=5223&c=HASH', 'simplex:/i#ID/KEY?h=smp.example.org%2Cx.onion&p=5223&c=HASH'],
    ['contact', 'https://smp.example.org/contact#/?v=2-7&smp=smp%3A%2F%2Fa', 'simplex:/contact#/?v=2-7&smp=smp%3A%2F%2Fa'],
    ['a', 'https://smp.example.org/a', ''],
  ])('of kind %s opens %s as %s', (kind, url, app) => {
    expect(openLink(kind, url)).toBe(app);
  });
});
