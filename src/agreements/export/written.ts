import { type Role, roles } from '../../organisations/rules.ts';
import { showDay } from '../../platform/pure/dates.ts';
import { counted, lowerFirst, upperFirst } from '../../platform/pure/words.ts';
import { isBlank, orBlank, withoutBlanks } from '../blanks.ts';
import { type Agreement, agreementDigest } from '../document.ts';
import type { Law } from '../law.ts';
import { inSentence } from '../names.ts';
import { type DataSetShown, dataSetsShown, type TermsTable, termsTables } from '../terms-tables.ts';
import type { Block, Cell, Item, Written } from './blocks.ts';
import { printable } from './printable.ts';

/** A signature that an agreement bears, in words: `Chief executive`, `5 January 2026 at 10:02am`, the key's fingerprint. */
type SignatureShown = {
  organisation: string;
  role: string;
  at: string;
  fingerprint: string;
  proved: boolean;
};

const types: Record<Agreement['type'], string> = {
  ISA: 'Information sharing agreement',
  MoU: 'Memorandum of understanding',
  DSA: 'Data sharing agreement',
};

/** Who has signed an agreement, and how much of it is missing or left open: a draft says that it is one on every page. */
export type State = { signatures: readonly SignatureShown[]; open: number };

/** An agreement as a document to print: its parties, its words, its terms as tables, and where to sign or who has. */
export function writtenAgreement(agreement: Agreement, law: Law, { signatures, open }: State): Written {
  const { reference, version, title, marking, startsOn, endsOn, owner } = agreement;
  const digest = agreementDigest(agreement);
  const type = orBlank(agreement.type, (one) => types[one]);
  const tables = tablesOf(agreement, law);
  return printed({
    title,
    // A blank is too long for the edge of a page: it stands in the table below the title.
    reference: withoutBlanks(reference) || 'No reference yet',
    version,
    marking: withoutBlanks(marking) || 'NOT MARKED YET',
    digest,
    type: open === 0 ? type : `Draft ${lowerFirst(type)}`,
    owner,
    facts: rowsOf([
      ...(open === 0
        ? []
        : [
            [
              'Draft',
              `${counted(open, 'thing is', 'things are')} missing or left open. It cannot be signed yet.`,
            ],
          ]),
      ['Between', agreement.parties.map(({ legalName }) => legalName).join('; ')],
      ['Reference', `${reference}, version ${version}`],
      ['Term', `${orBlank(startsOn, showDay)} to ${orBlank(endsOn, showDay)}`],
      ['Owner', owner],
      ['Marking', marking],
      ['Digest', digest],
    ]),
    blocks: [
      ...partiesOf(agreement),
      ...agreement.clauses.flatMap(clauseOf),
      ...termsOf(tables),
      ...dataSetsOf(agreement),
      ...signaturesOf(agreement, signatures),
      ...lawChecked(tables),
      ...whatIsSigned(digest, open),
    ],
  });
}

const heading = (level: 1 | 2 | 3, text: string, number: string | null = null): Block => ({
  kind: 'heading',
  level,
  number,
  text,
  newPage: false,
});
const newPage = (text: string): Block => ({ kind: 'heading', level: 1, number: null, text, newPage: true });
const paragraph = (text: string, indent = false): Block => ({
  kind: 'paragraph',
  number: null,
  text,
  indent,
});

function partiesOf({ parties }: Agreement): Block[] {
  return [
    heading(1, 'The parties'),
    ...parties.flatMap((party): Block[] => [
      heading(2, party.legalName),
      {
        kind: 'table',
        caption: party.legalName,
        head: null,
        widths: [0.32, 0.68],
        rows: rowsOf([
          ['Legal status', upperFirst(party.status)],
          ['In data protection law', upperFirst(orBlank(party.role, (role) => role.replace('-', ' ')))],
          ['Address', party.address],
          ['Registered with the Information Commissioner', party.registration],
          ['Single point of contact', `${party.contacts.spoc.title}\n${party.contacts.spoc.email}`],
          ['Data protection officer', `${party.contacts.dpo.title}\n${party.contacts.dpo.email}`],
        ]),
      },
    ]),
  ];
}

const rowsOf = (rows: readonly (readonly string[])[]): Cell[][] =>
  rows.map((row) => row.map((text) => ({ text })));

function clauseOf({ id, heading: named, text }: Agreement['clauses'][number]): Block[] {
  const level = Math.min(id.split('.').length, 3) as 1 | 2 | 3;
  const [first, ...rest] = paragraphsOf(text);
  if (named !== undefined) return [heading(level, named, id), ...(first ? [first] : []), ...rest];
  return first?.kind === 'paragraph'
    ? [{ ...first, number: id }, ...rest]
    : [{ kind: 'paragraph', number: id, text: '', indent: true }, ...(first ? [first] : []), ...rest];
}

const labelled = /^\s*([-•*]|\([a-z0-9]{1,4}\))\s+(\S.*)$/;

// A line is a paragraph; lines that begin with a sign of a list are a list.
function paragraphsOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, label, rest] = labelled.exec(line) ?? [];
    const last = blocks.at(-1);
    if (label === undefined || rest === undefined) blocks.push(paragraph(line.trim(), true));
    else {
      const item: Item = { label: label.startsWith('(') ? label : '•', text: rest };
      if (last?.kind === 'items') last.items.push(item);
      else blocks.push({ kind: 'items', items: [item], indent: true });
    }
  }
  return blocks;
}

function tablesOf(agreement: Agreement, law: Law): TermsTable[] {
  const names = new Map(agreement.parties.map((party) => [party.organisation, party.legalName]));
  return termsTables(agreement, (slug) => names.get(slug) ?? slug, law);
}

function termsOf(tables: readonly TermsTable[]): Block[] {
  return [
    newPage('Schedule 1: The terms'),
    paragraph('These are the terms that software enforces. Each names the clause that says it in words.'),
    ...tables.flatMap((table): Block[] => [
      heading(2, table.title),
      table.id === 'purposes' ? purposesOf(table) : tableOf(table),
    ]),
  ];
}

const tableOf = ({ title, head, rows }: TermsTable): Block => ({
  kind: 'table',
  caption: title,
  head: [...head, 'Clause'],
  widths: [0.34, 0.55, 0.11],
  rows: rows.map(({ what, says, note, clause }) => [
    { text: what },
    note === undefined ? { text: says } : { text: says, note },
    { text: clause },
  ]),
});

// Its short name says something to a program only.
const purposesOf = ({ title, head: [, purpose], rows }: TermsTable): Block => ({
  kind: 'table',
  caption: title,
  head: [purpose, 'Clause'],
  widths: [0.89, 0.11],
  rows: rows.map(({ says, clause }) => [{ text: says }, { text: clause }]),
});

const leaves: Record<DataSetShown['fields'][number]['leaves'], string> = {
  'as-asked': 'As it is',
  'less-exact': 'Less exact',
  'as-a-code': 'As a code',
  'left-out': 'Left out',
};

function dataSetsOf(agreement: Agreement): Block[] {
  return [
    heading(1, 'Schedule 2: Data sets, column by column'),
    ...dataSetsShown(agreement).flatMap((dataSet): Block[] => [
      heading(2, dataSet.title),
      paragraph(`${dataSet.says.join(' ')} Clause ${dataSet.clause}.`),
      ...dataSet.checks.flatMap(({ title, says }): Block[] => [
        paragraph(`${title}:`),
        { kind: 'items', items: says.map((text) => ({ label: '•', text })), indent: false },
      ]),
      {
        kind: 'table',
        caption: `${dataSet.title}: what leaves of each column`,
        head: ['Column', 'What leaves', 'What it is'],
        widths: [0.34, 0.28, 0.38],
        rows: dataSet.fields.map(({ name, leaves: how, detail, why }) => [
          { text: name },
          leavesOf(leaves[how], detail),
          { text: why },
        ]),
      },
    ]),
  ];
}

function signaturesOf({ parties }: Agreement, signatures: readonly SignatureShown[]): Block[] {
  return [
    newPage('Signature page'),
    paragraph('Each party signs the whole of this version: its words and its terms.'),
    ...parties.map(({ organisation, legalName, status, maySign }): Block => {
      const signed = signatures.find((one) => one.organisation === organisation);
      const may = orBlank(maySign, (all) => orList.format(all.map(nameOfRole)));
      return {
        kind: 'signature',
        party: `Signed for and on behalf of ${inSentence(legalName)}${sole.test(status) ? ', a corporation sole' : ''}`,
        rows: signed
          ? [
              { name: 'Signed as', says: signed.role },
              { name: 'On', says: signed.at },
              { name: 'By key', says: signed.fingerprint },
              { name: 'Proof', says: signed.proved ? proved : notProved },
            ]
          : [
              { name: 'May sign', says: upperFirst(may) },
              ...['Signature', 'Name', 'Post', 'Date'].map((name) => ({ name, says: '' })),
            ],
      };
    }),
  ];
}

function leavesOf(text: string, detail: string | undefined): Cell {
  if (detail === undefined) return { text };
  return isBlank(detail) ? { text: detail } : { text, note: detail };
}

// It is an office, and signs by whoever holds it or was authorised to.
const sole = /\bcorporation sole\b/i;

const orList = new Intl.ListFormat('en-GB', { type: 'disjunction' });
const nameOfRole = (role: Role) => orBlank(role, (one) => roles[one].toLowerCase());

const proved = 'Proved when this was written';
const notProved = 'It does NOT prove: do not rely on it';

function whatIsSigned(digest: string, open: number): Block[] {
  const signed =
    open === 0
      ? 'That JSON is what the parties sign: where these pages differ from it, it holds.'
      : 'It is a draft, and nobody can sign it yet.';
  return [
    heading(2, 'What this document stands for'),
    paragraph(
      `It was written from an agreement whose canonical JSON (RFC 8785) has the digest ${digest}. ${signed}`,
    ),
  ];
}

/** How far the law that is cited was checked, for whoever reads: the parties do not agree it. */
function lawChecked(tables: readonly TermsTable[]): Block[] {
  const cited = tables.flatMap(({ rows }) =>
    rows.flatMap(({ says, checked }) => (checked === undefined ? [] : [[says, checked]])),
  );
  const once = new Map(cited.map(([says = '', checked = '']) => [says, checked]));
  if (once.size === 0) return [];
  return [
    heading(2, 'How the law that it cites was checked'),
    paragraph('This is information about the agreement, and no part of it.'),
    {
      kind: 'table',
      caption: 'How the law was checked',
      head: ['Law', 'Checked'],
      widths: [0.62, 0.38],
      rows: [...once].map(([says, checked]) => [{ text: says }, { text: checked }]),
    },
  ];
}

/** Everything in a document that came from whoever wrote the agreement, made printable in one place. */
function printed<Value>(value: Value): Value {
  if (typeof value === 'string') return printable(value) as Value;
  if (Array.isArray(value)) return value.map(printed) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, printed(one)])) as Value;
}
