import { readFileSync } from 'node:fs';
import PDFDocument from 'pdfkit';
import type { Instant } from '../../platform/pure/dates.ts';
import type { Written } from './blocks.ts';
import { page } from './pdf-look.ts';

// Source Sans 3, under the SIL Open Font License (fonts/OFL.txt): it may be put inside a document.
const fonts = {
  regular: readFileSync(new URL('fonts/SourceSans3-Regular.ttf', import.meta.url)),
  bold: readFileSync(new URL('fonts/SourceSans3-SemiBold.ttf', import.meta.url)),
};

/** An empty PDF/A-3a document (ISO 19005-3) that says what it is, in its fonts. `at` is the moment that it says it is of. */
export function newPdf(about: Omit<Written, 'facts' | 'blocks'>, at: Instant): PDFKit.PDFDocument {
  const { title, type, owner, reference, version, marking, digest } = about;
  const date = new Date(at);
  const info = {
    Title: title,
    Author: owner,
    Subject: `${type} ${reference}, version ${version}`,
    Keywords: `${marking}, ${digest}`,
    Creator: 'Chirograph',
    Producer: 'Chirograph',
    CreationDate: date,
    ModDate: date,
  };
  const doc = new PDFDocument({
    size: [page.width, page.height],
    margin: 0,
    pdfVersion: '1.7',
    subset: 'PDF/A-3a',
    tagged: true,
    lang: 'en-GB',
    displayTitle: true,
    bufferPages: true,
    // With none: it would begin with Helvetica, which is not inside the file. Its types do not know that it takes this.
    font: null as unknown as string,
    info,
  });
  doc.registerFont('regular', fonts.regular);
  doc.registerFont('bold', fonts.bold);
  // The library writes the title into XML as it is: "Health & Care" would be no XML, and a title could say anything there.
  const inside = doc as unknown as { _addInfo(): void; appendXML(xml: string): void };
  inside._addInfo = () => inside.appendXML(metadata(info));
  return doc;
}

/** What a document is, as XMP (ISO 16684-1). */
function metadata(info: {
  Title: string;
  Author: string;
  Subject: string;
  Keywords: string;
  Creator: string;
  CreationDate: Date;
}): string {
  const [title, author, subject, keywords, tool] = [
    info.Title,
    info.Author,
    info.Subject,
    info.Keywords,
    info.Creator,
  ].map(inXml);
  const date = `${info.CreationDate.toISOString().slice(0, 19)}Z`;
  return `<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<xmp:CreateDate>${date}</xmp:CreateDate><xmp:ModifyDate>${date}</xmp:ModifyDate><xmp:CreatorTool>${tool}</xmp:CreatorTool>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">${title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>${author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>en-GB</rdf:li></rdf:Bag></dc:language>
<pdf:Keywords>${keywords}</pdf:Keywords><pdf:Producer>${tool}</pdf:Producer>
</rdf:Description>`;
}

function inXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
