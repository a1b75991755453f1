/** Dark or light: as the system says, unless somebody chose. Charts are told of each change, for a canvas follows no style. */
import { h } from './dom.ts';

const KEY = 'polyplex-colours';
const CHOICES = { auto: 'Auto', light: 'Light', dark: 'Dark' } as const;
type Choice = keyof typeof CHOICES;

const listeners = new Set<() => void>();
const changed = (): void => listeners.forEach((listener) => listener());

export function onColours(listener: () => void): void {
  listeners.add(listener);
}

/** As the canvas takes it: `name` is a custom property with a colour. */
export function colour(name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function isChoice(text: string | null): text is Choice {
  return text !== null && Object.hasOwn(CHOICES, text);
}

function apply(choice: Choice): void {
  if (choice === 'auto') delete document.documentElement.dataset['colours'];
  else document.documentElement.dataset['colours'] = choice;
  changed();
}

export function createThemeChoice(): HTMLElement {
  const select = h('select', { 'aria-label': 'Colours' }, ...Object.entries(CHOICES).map(([value, label]) => h('option', { value }, label)));
  const stored = localStorage.getItem(KEY);
  select.value = isChoice(stored) ? stored : 'auto';
  const take = (): void => {
    if (isChoice(select.value)) apply(select.value);
  };
  select.addEventListener('change', () => {
    localStorage.setItem(KEY, select.value);
    take();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  take();
  return select;
}
