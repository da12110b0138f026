import { readStylesheet } from '../src/platform/http/stylesheet.ts';

// Makes the stylesheet now, so that the first start need not.
await readStylesheet((line) => process.stderr.write(`${line}\n`));
