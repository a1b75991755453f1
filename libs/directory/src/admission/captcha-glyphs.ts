/** Letters of captchas as five columns of eight dots, the lowest bit on top. */

const COLUMNS = 5;
export const GLYPH_WIDTH = COLUMNS;
export const GLYPH_HEIGHT = 8;

/** Two hexadecimal digits a column. */
const GLYPHS: Readonly<Record<string, string>> = {
  2: '7249494946', 3: '2141494d33', 4: '1814127f10', 5: '2745454539', 6: '3c4a494931', 7: '4121110907', 8: '3649494936', 9: '464949291e',
  A: '7c1211127c', B: '7f49494936', C: '3e41414122', D: '7f4141413e', E: '7f49494941', F: '7f09090901', G: '3e41415173', H: '7f0808087f', I: '00417f4100',
  J: '2040413f01', K: '7f08142241', L: '7f40404040', M: '7f021c027f', N: '7f0408107f', O: '3e4141413e', P: '7f09090906', Q: '3e4151215e', R: '7f09192946',
  S: '2649494932', T: '03017f0103', U: '3f4040403f', V: '1f2040201f', W: '3f4038403f', X: '6314081463', Y: '0304780403', Z: '6159494d43',
  a: '2054547840', b: '7f28444438', d: '384444287f', e: '3854545418', f: '00087e0902', g: '18a4a49c78', h: '7f08040478', i: '00447d4000', j: '4080807d00',
  k: '7f10284400', m: '7c04780478', n: '7c08040478', p: 'fc18242418', q: '18242418fc', r: '7c08040408', t: '04043f4424', y: '4c9090907c',
};

const columns = new Map(Object.entries(GLYPHS).map(([letter, hex]) => [letter, Buffer.from(hex, 'hex')]));

export function hasGlyph(letter: string): boolean {
  return columns.has(letter);
}

/** Whether there is a dot; nothing beyond the letter. */
export function dotAt(letter: string, x: number, y: number): boolean {
  const isWithin = x >= 0 && x < GLYPH_WIDTH && y >= 0 && y < GLYPH_HEIGHT;
  return isWithin && (((columns.get(letter)?.[Math.floor(x)] ?? 0) >> Math.floor(y)) & 1) === 1;
}
