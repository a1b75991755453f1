/** Asks for the token of the admin port, when the server wants one. */
import { h, isShown, setText, type View } from './dom.ts';

export interface TokenAsked {
  readonly isAsked: boolean;
  /** The one that was given was refused. */
  readonly wrong: boolean;
}

export function createTokenForm(onToken: (token: string) => void): View<TokenAsked> {
  const input = h('input', { id: 'token', type: 'password', autocomplete: 'current-password', required: '', spellcheck: 'false', 'aria-describedby': 'token-hint token-wrong' });
  const wrong = h('p', { id: 'token-wrong', class: 'wrong', role: 'alert' });
  const form = h('form', {}, h('label', { for: 'token' }, 'Token'), input, h('button', { type: 'submit' }, 'Open'));
  const hint = h('p', { id: 'token-hint', class: 'hint' },
    'It stands in the file that admin.tokenFile names (xftpAdmin.tokenFile of a file server, ntfAdmin.tokenFile of a push proxy); the token of a reader will do. This tab keeps it until it is closed.');
  const element = h('section', { class: 'card token', 'aria-labelledby': 'token-title' }, h('h1', { id: 'token-title' }, 'This server asks for a token'), form, wrong, hint);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const token = input.value.trim();
    input.value = '';
    setText(wrong, '');
    if (token !== '') onToken(token);
  });
  return {
    element,
    update({ isAsked, wrong: isWrong }) {
      const wasHidden = element.hidden;
      isShown(element, isAsked);
      if (!isAsked) return;
      setText(wrong, isWrong ? 'The server refused this token.' : '');
      if (wasHidden || isWrong) input.focus();
    },
  };
}
