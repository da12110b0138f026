/** Text as it may stand in SVG or HTML, also in an attribute. */
export function escapeXml(text: string | number): string {
  return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A number as a coordinate: one decimal, so that the same figures give the same bytes. */
export function at(n: number): number {
  return Math.round(n * 10) / 10;
}

/**
 * A picture with its words. Colour comes from classes in the stylesheet, never from a style of its own. `id` is unique
 * on the page; `title` and `description` are for those who do not see it.
 */
export function picture(of: {
  id: string;
  width: number;
  height: number;
  title: string;
  description: string;
  body: string;
}): string {
  const { id, width, height } = of;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="ch" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"` +
    ` role="img" aria-labelledby="${id}-t ${id}-d" focusable="false">` +
    `<title id="${id}-t">${escapeXml(of.title)}</title><desc id="${id}-d">${escapeXml(of.description)}</desc>${of.body}</svg>`
  );
}
