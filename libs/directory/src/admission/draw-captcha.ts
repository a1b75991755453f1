/**
 * Draws a captcha, for bots that run no generator (directory §3.7): letters turned, slanted and moved, with curves across, in black and white. It keeps
 * away who reads texts by program, not who reads pictures.
 */
import * as zlib from 'node:zlib';
import { randomBytes } from '@polyplex/crypto';
import { dotAt, GLYPH_HEIGHT, GLYPH_WIDTH, hasGlyph } from './captcha-glyphs.ts';

const HEIGHT = 72;
const MARGIN = 14;
const ADVANCE = 36;
const CURVES = 2;
const SPECKS = 120;

/** In [0, 1). */
type Random = () => number;

function randomFrom(bytes: (size: number) => Uint8Array): Random {
  return () => new DataView(bytes(4).slice().buffer).getUint32(0) / 2 ** 32;
}

/** One bit a pixel, set where it is black. */
class Canvas {
  readonly width: number;
  readonly rows: Uint8Array[];

  constructor(width: number) {
    this.width = width;
    this.rows = Array.from({ length: HEIGHT }, () => new Uint8Array(Math.ceil(width / 8)));
  }

  set(x: number, y: number): void {
    const [column, row] = [Math.round(x), Math.round(y)];
    if (column < 0 || column >= this.width || row < 0 || row >= HEIGHT) return;
    this.rows[row]![column >> 3]! |= 0x80 >> (column & 7);
  }
}

/** Around (`left`, middle); every pixel asks for the dot that it came from. */
function drawLetter(canvas: Canvas, letter: string, left: number, random: Random): void {
  const between = (low: number, high: number): number => low + random() * (high - low);
  const [angle, slant, size] = [between(-0.3, 0.3), between(-0.25, 0.25), between(4.6, 5.8)];
  const [centreX, centreY] = [left + ADVANCE / 2 + between(-2, 2), HEIGHT / 2 + between(-7, 7)];
  const [cos, sin] = [Math.cos(angle) / size, Math.sin(angle) / size];
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = left - ADVANCE / 2; x < left + ADVANCE * 1.5; x++) {
      const [fromX, fromY] = [x - centreX, y - centreY];
      const dotY = fromY * cos - fromX * sin;
      const dotX = fromX * cos + fromY * sin + slant * dotY;
      if (dotAt(letter, dotX + GLYPH_WIDTH / 2, dotY + GLYPH_HEIGHT / 2)) canvas.set(x, y);
    }
  }
}

function drawCurve(canvas: Canvas, random: Random): void {
  const [middle, height, length, begin] = [HEIGHT * (0.3 + 0.4 * random()), 6 + 14 * random(), 30 + 40 * random(), 100 * random()];
  for (let x = 0; x < canvas.width; x += 0.25) {
    const y = middle + height * Math.sin((x + begin) / length * 2);
    canvas.set(x, y);
    canvas.set(x, y + 1);
  }
}

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(zlib.crc32(body), body.length + 4);
  return whole;
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** One bit, grey, no interlacing. */
const KIND = Buffer.from([1, 0, 0, 0, 0]);

function pngOf({ width, rows }: Canvas): Buffer {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(HEIGHT, 4);
  const lines = Buffer.concat(rows.map((row) => Buffer.concat([Buffer.from([0]), row.map((bits) => bits ^ 0xff)])));
  return Buffer.concat([SIGNATURE, chunk('IHDR', Buffer.concat([size, KIND])), chunk('IDAT', zlib.deflateSync(lines, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}

/** A data URI of some 1.5 kB, in some 3 ms; null for a text with letters that cannot be drawn. */
export function drawCaptcha(text: string, bytes: (size: number) => Uint8Array = randomBytes): string | null {
  if (!Array.from(text).every(hasGlyph)) return null;
  const random = randomFrom(bytes);
  const canvas = new Canvas(MARGIN * 2 + ADVANCE * text.length);
  Array.from(text).forEach((letter, at) => drawLetter(canvas, letter, MARGIN + ADVANCE * at, random));
  for (let curve = 0; curve < CURVES; curve++) drawCurve(canvas, random);
  for (let speck = 0; speck < SPECKS; speck++) canvas.set(random() * canvas.width, random() * HEIGHT);
  return `data:image/png;base64,${pngOf(canvas).toString('base64')}`;
}
