import { SaxesParser } from 'saxes';
import { Unreadable } from './unreadable.ts';

const maxDepth = 100;
const maxSilence = 4_000_000;

/** What is told of a document as it is read. Names are those without a prefix. */
export type XmlReader = {
  open?: (name: string, attributes: Record<string, string>) => void;
  text?: (text: string) => void;
  close?: (name: string) => void;
};

/**
 * Reads XML in UTF-8 as it comes. Memory does not grow with it: it is `Unreadable` where it is nested deep, or where a tag or a
 * text goes on for millions of bytes. It may not have a document type, and so no entities of its own.
 */
export async function readXml(chunks: AsyncIterable<Buffer>, reader: XmlReader): Promise<void> {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let depth = 0;
  let silence = 0;
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    silence = 0;
    if (depth > maxDepth) throw new Unreadable('damaged');
    reader.open?.(local(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    silence = 0;
    reader.close?.(local(name));
  });
  parser.on('text', (text) => reader.text?.(text));
  parser.on('cdata', (text) => reader.text?.(text));
  const damaged = () => {
    throw new Unreadable('damaged');
  };
  parser.on('doctype', damaged);
  parser.on('error', damaged);
  for await (const chunk of chunks) {
    silence += chunk.length;
    parser.write(decoded(() => utf8.decode(chunk, { stream: true })));
    if (silence > maxSilence) throw new Unreadable('damaged');
  }
  parser.write(decoded(() => utf8.decode()));
  parser.close();
}

const local = (name: string) => name.slice(name.indexOf(':') + 1);

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch {
    throw new Unreadable('damaged');
  }
}
