/**
 * How the page is put together: elements with attributes of our own and text of anybody's. Text is only ever a text node,
 * so nothing that a server says can become markup; the page's policy (Trusted Types) forbids the ways in which it could.
 */

type Attributes = Readonly<Record<string, string>>;
type Child = Node | string;

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Node[]): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Touches the page only where something changed: a selection stays, and a screen reader says nothing twice. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export interface View<T> {
  readonly element: HTMLElement;
  update(value: T): void;
}

/** Shows a list; an element stays the same as long as its key does, with its focus. */
export function createList<T>(parent: HTMLElement, keyOf: (item: T) => string, create: (item: T) => View<T>): (items: readonly T[]) => void {
  let shown = new Map<string, View<T>>();
  return (items) => {
    const next = new Map<string, View<T>>();
    items.forEach((item, index) => {
      const key = keyOf(item);
      const view = shown.get(key) ?? create(item);
      next.set(key, view);
      view.update(item);
      const there = parent.children[index];
      if (there !== view.element) parent.insertBefore(view.element, there ?? null);
    });
    for (const [key, { element }] of shown) if (!next.has(key)) element.remove();
    shown = next;
  };
}

export function isShown(element: HTMLElement, shown: boolean): void {
  element.hidden = !shown;
}
