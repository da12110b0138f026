import { createHmac } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { stringify } from 'csv-stringify';

// The job as somebody would write it with Node's CSV streams: node streams.ts IN OUT [KEY in hex]
const [input = '', output = '', key] = process.argv.slice(2);
const band = (age: number) => `${age - (age % 10)}-${age - (age % 10) + 9}`;
await pipeline(
  createReadStream(input),
  parse({ columns: true }),
  async function* (rows: AsyncIterable<Record<string, string>>) {
    for await (const row of rows) {
      const nhs = row['nhs_number'] ?? '';
      yield {
        reported_on: row['reported_on']?.slice(0, 7),
        force: row['force'],
        category: row['category'],
        outcome: row['outcome'],
        nhs_number: key ? createHmac('sha256', Buffer.from(key, 'hex')).update(nhs).digest('hex') : nhs,
        age: band(Number(row['age'])),
        gender: row['gender'],
        ethnicity: row['ethnicity'],
        postcode: row['postcode']?.slice(0, -3).trimEnd(),
      };
    }
  },
  stringify({ header: true }),
  createWriteStream(output),
);
