/** The few signs of the page. Each stands beside a word: shape and colour alone would not be seen by everybody. */
import { svg } from './dom.ts';

export type Level = 'good' | 'warn' | 'bad' | 'off';

const PATHS: Readonly<Record<Level, string>> = {
  good: 'M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Zm3.9 6.3-4.6 5a.9.9 0 0 1-1.3 0L3.9 9.2a.9.9 0 1 1 1.3-1.24l1.45 1.52 3.93-4.38A.9.9 0 1 1 11.9 6.3Z',
  warn: 'M9.2 1.2 15.7 13a1.4 1.4 0 0 1-1.2 2H1.5a1.4 1.4 0 0 1-1.2-2L6.8 1.2a1.4 1.4 0 0 1 2.4 0ZM8 5a1 1 0 0 0-1 1v3.2a1 1 0 0 0 2 0V6a1 1 0 0 0-1-1Zm0 6.3a1.1 1.1 0 1 0 0 2.2 1.1 1.1 0 0 0 0-2.2Z',
  bad: 'M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Zm3.1 9.8a.9.9 0 1 1-1.3 1.3L8 9.3l-1.8 1.8a.9.9 0 1 1-1.3-1.3L6.7 8 4.9 6.2a.9.9 0 1 1 1.3-1.3L8 6.7l1.8-1.8a.9.9 0 1 1 1.3 1.3L9.3 8Z',
  off: 'M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Zm3.5 8.9h-7a.9.9 0 1 1 0-1.8h7a.9.9 0 1 1 0 1.8Z',
};

export interface Icon {
  readonly element: SVGElement;
  set(level: Level): void;
}

export function createIcon(): Icon {
  const path = svg('path', { 'fill-rule': 'evenodd' });
  const element = svg('svg', { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, path);
  return {
    element,
    set(level) {
      path.setAttribute('d', PATHS[level]);
      element.setAttribute('class', `icon ${level}`);
    },
  };
}
