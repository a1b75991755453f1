/** QR codes as text. */
import { toString as qrCode } from 'qrcode';

/** In the terminal's colours where there is one, else in block characters. */
export function qrText(content: string, terminal: boolean): Promise<string> {
  return terminal ? qrCode(content, { type: 'terminal', small: true }) : qrCode(content, { type: 'utf8' });
}
