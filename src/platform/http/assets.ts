import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sha256Hex } from '../pure/hash.ts';
import { readStylesheet } from './stylesheet.ts';

/** A file that every page uses. */
type Asset = { body: Buffer; type: string };

/** The files that every page uses, by address. The addresses change with their content, so browsers keep them for a year. */
export type Assets = { folder: string; files: Map<string, Asset> };

/** Reads the assets, a few small files, into memory. */
export async function readAssets(report?: (line: string) => void): Promise<Assets> {
  const own = (name: string) => readFile(new URL(`assets/${name}`, import.meta.url));
  const script = 'text/javascript; charset=utf-8';
  const files: Record<string, Asset> = {
    'app.css': { body: Buffer.from(await readStylesheet(report)), type: 'text/css; charset=utf-8' },
    'init.js': { body: await own('init.js'), type: script },
    'watch.js': { body: await own('watch.js'), type: script },
    'verify.js': { body: await own('verify.js'), type: script },
    'govuk-frontend.js': { body: await readFile(govukScript), type: script },
    'favicon.svg': { body: await own('favicon.svg'), type: 'image/svg+xml' },
  };
  const hash = sha256Hex(Buffer.concat(Object.values(files).map(({ body }) => body))).slice(0, 16);
  const folder = `/assets/${hash}`;
  return {
    folder,
    files: new Map(Object.entries(files).map(([name, file]) => [`${folder}/${name}`, file])),
  };
}

const govukScript = fileURLToPath(import.meta.resolve('govuk-frontend/dist/govuk/govuk-frontend.min.js'));
