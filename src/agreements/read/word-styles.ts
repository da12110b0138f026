import { readXml } from '../../platform/xml.ts';
import type { Archive } from '../../platform/zip.ts';

/** What a style says of a paragraph, with what it takes over from the style it is based on. */
export type Style = {
  /** In small letters: “heading 1”, “title”, “toc 2”. */
  name: string;
  /** 0 for the highest; null for a paragraph of text. */
  outline: number | null;
  bold: boolean;
  numbering: Numbered | null;
};

/** The list of a paragraph, and how deep in it. */
export type Numbered = { list: string; level: number };

type Own = Partial<Style> & { basedOn: string | null; list: string | null; level: number | null };

const mostStyles = 20_000;
const mostBased = 20;

/** An attribute, whatever prefix its name has. */
export function attribute(attributes: Record<string, string>, name: string): string | undefined {
  return attributes[`w:${name}`] ?? attributes[name];
}

/** Whether something that a document switches on by naming it is on. */
export const isOn = (value: string | undefined) => value !== '0' && value !== 'false' && value !== 'off';

/** Reads the styles of a Word file, by their id. */
export async function readStyles(
  archive: Archive,
  part: string | undefined,
): Promise<(id: string | null) => Style> {
  const styles = new Map<string, Own>();
  let usual: string | null = null;
  let open: Own | null = null;
  if (part !== undefined)
    await readXml(archive.read(part), {
      open(name, attributes) {
        const value = attribute(attributes, 'val');
        if (name === 'style' && attribute(attributes, 'type') === 'paragraph') {
          const id = attribute(attributes, 'styleId') ?? '';
          open = { basedOn: null, list: null, level: null };
          if (styles.size < mostStyles) styles.set(id, open);
          if (attribute(attributes, 'default') === '1') usual = id;
        } else if (open === null) return;
        else if (name === 'name') open.name = (value ?? '').toLowerCase();
        else if (name === 'basedOn') open.basedOn = value ?? null;
        else if (name === 'outlineLvl') open.outline = levelOf(value);
        else if (name === 'b') open.bold = isOn(value);
        else if (name === 'numId') open.list = value ?? null;
        else if (name === 'ilvl') open.level = levelOf(value);
      },
      close(name) {
        if (name === 'style') open = null;
      },
    });
  return (id) => resolved(id ?? usual, styles);
}

/** A level of an outline or a list, 0 to 8; null where it is none. */
export function levelOf(value: string | undefined): number | null {
  return value !== undefined && /^[0-8]$/.test(value) ? Number(value) : null;
}

function resolved(id: string | null, styles: ReadonlyMap<string, Own>): Style {
  const chain: Own[] = [];
  for (let at = id; at !== null && chain.length < mostBased; ) {
    const style = styles.get(at);
    if (!style) break;
    chain.push(style);
    at = style.basedOn;
  }
  const first = <Of>(of: (style: Own) => Of | null | undefined): Of | null => {
    for (const style of chain) {
      const found = of(style);
      if (found !== null && found !== undefined) return found;
    }
    return null;
  };
  const name = chain[0]?.name ?? '';
  const [, level] =
    /^heading ([1-9])$/.exec(first(({ name: own }) => (own?.startsWith('heading ') ? own : null)) ?? '') ??
    [];
  const list = first((style) => style.list);
  return {
    name,
    outline: first(({ outline }) => outline) ?? (level === undefined ? null : Number(level) - 1),
    bold: first(({ bold }) => bold) ?? false,
    numbering: list === null || list === '0' ? null : { list, level: first((style) => style.level) ?? 0 },
  };
}
