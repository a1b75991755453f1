/** The link to a file that was sent: to be read, copied and scanned. */
import { toString as qrCode } from 'qrcode';
import { element, onClick, setText, show } from './elements.ts';

const COPY = 'Copy the link';

export async function showSent(link: string): Promise<void> {
  setText('link', link);
  setText('copy', COPY);
  show('sent', 'copy');
  const image = element('qr', HTMLImageElement);
  image.hidden = true;
  // A link of several servers can be longer than any code; then there is none.
  const svg = await qrCode(link, { type: 'svg', margin: 2, errorCorrectionLevel: 'L' }).catch(() => null);
  if (svg === null) return;
  image.src = `data:image/svg+xml;base64,${btoa(svg)}`;
  image.hidden = false;
}

onClick('copy', () => {
  const copied = (): void => setText('copy', 'Copied');
  navigator.clipboard.writeText(element('link', HTMLElement).textContent).then(copied, selectLink);
});

/** Where the browser lets no page copy, the user does it. */
function selectLink(): void {
  getSelection()?.selectAllChildren(element('link', HTMLElement));
  setText('copy', 'Selected: copy it now');
}
