import './globals.ts';
import { allHold, type Check } from '../../platform/pure/check.ts';
import { type Chosen, readKeyPage, type Verdict, verifyChosen } from './verify-chosen.ts';
import { describe, nameOf, notChecked } from './words.ts';

export { readKeyPage, verifyChosen };

// The page: it shows its controls, verifies as soon as something is chosen, and writes what came of it. Texts are set as
// text, never as markup: every name and word of a file is somebody else's.

const page = document.getElementById('verify');
if (page) start(page);

function start(page: HTMLElement): void {
  const without = document.getElementById('verify-without');
  if (!globalThis.crypto?.subtle) {
    const says =
      'This browser only checks signatures on a page that came over a secure connection (https). Use the command.';
    without?.prepend(paragraph(says));
    return;
  }
  page.hidden = false;
  if (without) without.hidden = true;
  const files = input('verify-files');
  const keys = input('verify-keys');
  const look = () => void show(files.files, keys.files);
  files.addEventListener('change', look);
  keys.addEventListener('change', look);
  const drop = document.getElementById('verify-drop');
  drop?.addEventListener('dragover', (event) => event.preventDefault());
  drop?.addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer) files.files = event.dataTransfer.files;
    look();
  });
}

async function show(files: FileList | null, keys: FileList | null): Promise<void> {
  const result = document.getElementById('verify-result');
  if (!result || !files || files.length === 0) return;
  result.replaceChildren(paragraph('Checking…'));
  const chosen: Chosen[] = [...files];
  const [keyFile] = [...(keys ?? [])];
  const trusted = keyFile ? await readKeyPage(keyFile) : null;
  if (keyFile && !trusted) {
    result.replaceChildren(
      verdictBox(
        false,
        `${keyFile.name} is not a key page`,
        'Get it from the sender’s own website, or ask them for it.',
      ),
    );
    return;
  }
  const verdict = await verifyChosen(chosen, trusted);
  result.replaceChildren(...shown(verdict, trusted !== null));
  result.querySelector('h2')?.focus();
}

function shown(verdict: Verdict, keysGiven: boolean): HTMLElement[] {
  const ok = allHold(verdict.checks);
  const { title, says } = describe(verdict.kind, ok, keysGiven);
  if (verdict.kind === 'neither') return [verdictBox(false, title, says)];
  return [
    verdictBox(ok, title, says),
    ...(ok ? [heading('What it says'), list(verdict.facts)] : []),
    heading('What was checked'),
    checkList(verdict.checks),
    heading('What this page has not checked'),
    bullets(notChecked(verdict.kind, keysGiven)),
  ];
}

function verdictBox(ok: boolean, title: string, says: string): HTMLElement {
  const box = make('div', `app-verdict ${ok ? 'app-verdict--share' : 'app-verdict--refuse'}`);
  const verdict = make('h2', 'govuk-heading-l govuk-!-margin-bottom-2', title);
  verdict.tabIndex = -1;
  box.append(verdict, paragraph(says));
  return box;
}

function checkList(checks: readonly Check[]): HTMLElement {
  const rows = make('dl', 'govuk-summary-list');
  for (const check of checks) {
    const row = make('div', 'govuk-summary-list__row');
    const word = check.ok ? 'Right' : check.advisory ? 'Compare' : 'Wrong';
    const colour = check.ok ? 'green' : check.advisory ? 'yellow' : 'red';
    const value = make('dd', 'govuk-summary-list__value');
    value.append(
      make('strong', `govuk-tag govuk-tag--${colour}`, word),
      ' ',
      make('span', 'app-fingerprint', check.detail),
    );
    row.append(make('dt', 'govuk-summary-list__key', nameOf(check.name)), value);
    rows.append(row);
  }
  return rows;
}

function list(facts: readonly [string, string][]): HTMLElement {
  const rows = make('dl', 'govuk-summary-list');
  for (const [name, value] of facts) {
    const row = make('div', 'govuk-summary-list__row');
    row.append(
      make('dt', 'govuk-summary-list__key', name),
      make('dd', `govuk-summary-list__value${/^sha256:/.test(value) ? ' app-fingerprint' : ''}`, value),
    );
    rows.append(row);
  }
  return rows;
}

function bullets(lines: readonly string[]): HTMLElement {
  const items = make('ul', 'govuk-list govuk-list--bullet');
  items.append(...lines.map((line) => make('li', '', line)));
  return items;
}

const heading = (text: string) => make('h3', 'govuk-heading-m', text);
const paragraph = (text: string) => make('p', 'govuk-body', text);

function make(name: string, className: string, text = ''): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

function input(id: string): HTMLInputElement {
  const found = document.getElementById(id);
  if (!(found instanceof HTMLInputElement)) throw new Error(`The page has no ${id}`);
  return found;
}
