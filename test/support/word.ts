import { type Part, zipOf } from './zip.ts';

const namespaces = [
  ['w', 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'],
  ['r', 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'],
  ['mc', 'http://schemas.openxmlformats.org/markup-compatibility/2006'],
  ['wps', 'http://schemas.microsoft.com/office/word/2010/wordprocessingShape'],
  ['v', 'urn:schemas-microsoft-com:vml'],
]
  .map(([prefix, address]) => `xmlns:${prefix}="${address}"`)
  .join(' ');
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A part beside the body: what it is to the body, and its XML. */
export type Beside = { type: string; xml: string };

/** A Word file: the XML within its body, the parts beside it, and the addresses of its links by their id. */
export function wordOf(
  body: string,
  beside: readonly Beside[] = [],
  links: Record<string, string> = {},
): Buffer {
  const related = beside.map(
    ({ type }, at) => `<Relationship Id="p${at}" Type="${office}/${type}" Target="p${at}.xml"/>`,
  );
  const linked = Object.entries(links).map(
    ([id, target]) =>
      `<Relationship Id="${id}" Type="${office}/hyperlink" Target="${target}" TargetMode="External"/>`,
  );
  const relations = (all: readonly string[]) =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.join('')}</Relationships>`;
  const parts: Part[] = [
    {
      name: '_rels/.rels',
      bytes: relations([`<Relationship Id="d" Type="${office}/officeDocument" Target="word/document.xml"/>`]),
    },
    { name: 'word/document.xml', bytes: `<w:document ${namespaces}><w:body>${body}</w:body></w:document>` },
    { name: 'word/_rels/document.xml.rels', bytes: relations([...related, ...linked]) },
    ...beside.map(({ xml }, at) => ({
      name: `word/p${at}.xml`,
      bytes: xml.replace(/^<([\w:]+)/, `<$1 ${namespaces}`),
    })),
  ];
  return zipOf(parts);
}

/** A paragraph: text, or the XML of its runs, and the XML of its properties. */
export function paragraph(text: string, properties = ''): string {
  const runs = text.startsWith('<') ? text : run(text);
  return `<w:p>${properties === '' ? '' : `<w:pPr>${properties}</w:pPr>`}${runs}</w:p>`;
}

export const run = (text: string, properties = '') =>
  `<w:r>${properties === '' ? '' : `<w:rPr>${properties}</w:rPr>`}<w:t xml:space="preserve">${text}</w:t></w:r>`;
