/** An address as the box to copy it from and the code to scan. */
import { toString as qrCode } from 'qrcode';
import { escapeHtml } from './html.ts';

/** HTML of both. */
export async function addressCode(address: string): Promise<string> {
  const qr = await qrCode(address, { type: 'svg', margin: 2 });
  const image = `data:image/svg+xml;base64,${Buffer.from(qr).toString('base64')}`;
  return `<code class="box">${escapeHtml(address)}</code>\n<img class="qr" alt="QR code of the address" src="${image}">`;
}
