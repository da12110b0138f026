import { addAbortSignal, Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Exchange, Route, Upload } from './contract.ts';
import { problemOf, TurnedAway } from './problems.ts';

type Form = Exchange['form'];
type Fields = { form: Form; upload: Exchange['upload'] };

/** The most that a form without its file may weigh. */
export const formBytes = 256 * 1024;

/** The fields of a form as browsers send it. Throws where a value has a NUL: PostgreSQL cannot keep one. */
export function readForm(body: string): Form {
  return formOf(new URLSearchParams(body));
}

/**
 * The query of an address; of a name that comes more than once, the last. A NUL is left out: this runs inside the router,
 * where nothing would catch what it throws.
 */
export function readQuery(query: string): Record<string, string> {
  const pairs = [...new URLSearchParams(query)].map((pair) => pair.map((text) => text.replaceAll('\0', '')));
  return Object.assign(emptyRecord<string>(), Object.fromEntries(pairs));
}

/** Throws where an address has a NUL in it. */
export function withoutNul<T extends Record<string, string>>(record: T): T {
  if (Object.values(record).some((value) => value.includes('\0'))) throw new TurnedAway('unreadable');
  return record;
}

/** A field as one text, without spaces around it; empty where it was not sent. */
export function fieldOf(form: Form, name: string): string {
  const value = form[name] ?? '';
  return (typeof value === 'string' ? value : (value[0] ?? '')).trim();
}

/**
 * The fields of a multipart form up to its first file, which is not read yet: whether we want it is seen first. What comes
 * after it is looked at for more files only. When `ending` is aborted, the file breaks off.
 */
export async function readMultipart(
  request: FastifyRequest,
  { maxBytes, files = 1 }: NonNullable<Route['upload']>,
  ending: AbortSignal,
): Promise<Fields> {
  if (!request.isMultipart()) throw new TurnedAway('not-a-form');
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > files * maxBytes + formBytes) throw new TurnedAway('too-large');
  const fields: [string, string][] = [];
  const parts = request.parts({ limits: { ...limits, files } });
  const next = async (): Promise<Upload | null> => {
    try {
      for (;;) {
        const { done, value: part } = await parts.next();
        if (done) return null;
        if (part.type === 'field') {
          fields.push([part.fieldname, String(part.value)]);
        } else if (part.filename) {
          const stream = limited(addAbortSignal(ending, part.file), maxBytes);
          return { field: part.fieldname, name: part.filename, stream, next };
        } else {
          part.file.resume(); // no file was chosen
        }
      }
    } catch (error) {
      throw turnedAway(error);
    }
  };
  const upload = await next();
  return { form: formOf(fields), upload };
}

const limits = { fields: 200, fieldSize: formBytes, fileSize: Number.POSITIVE_INFINITY };

// Whatever the multipart reader cannot read is the sender's fault, not ours.
function turnedAway(error: unknown): TurnedAway {
  return new TurnedAway(problemOf(error) === 'too-large' ? 'too-large' : 'unreadable');
}

/** Lets the rest of a form run out, so that the browser is done sending and reads the answer. */
export function leaveRest(request: FastifyRequest): void {
  request.raw.unpipe();
  request.raw.resume();
}

// The multipart reader would cut a file that is too large and say nothing to whoever reads it.
function limited(file: Readable, maxBytes: number): Readable {
  async function* counted(): AsyncGenerator<Buffer> {
    let bytes = 0;
    try {
      for await (const chunk of file as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw new TurnedAway('too-large');
        yield chunk;
      }
    } catch (error) {
      throw turnedAway(error);
    }
  }
  const stream = Readable.from(counted(), { objectMode: false });
  stream.on('error', () => {}); // a handler that stopped reading must not bring the process down
  return stream;
}

function formOf(fields: Iterable<[string, string]>): Form {
  const form = emptyRecord<string | string[]>();
  for (const [name, sent] of fields) {
    if (sent.includes('\0')) throw new TurnedAway('unreadable');
    const value = sent.replace(/\r\n?/g, '\n');
    const before = form[name];
    // Onto the list as it is: with a new one each time, a form of nothing but fields would hold everybody up.
    if (Array.isArray(before)) before.push(value);
    else form[name] = before === undefined ? value : [before, value];
  }
  return form;
}

// No prototype: a field called "constructor" is only a field.
function emptyRecord<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}
