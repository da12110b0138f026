import type { Readable } from 'node:stream';
import type { Json } from '../pure/canonical-json.ts';
import type { Instant } from '../pure/dates.ts';
import type { Refusal } from '../refusal.ts';
import type { Fault } from './problems.ts';

/** Who is signed in, or null for nobody. */
export type Visitor = null | {
  organisation: { id: string; slug: string; name: string };
  person: {
    id: string;
    name: string;
    roles: string[];
    /** Which of the roles are not the person's own: under which delegation they hold one, and from whom. */
    delegated?: readonly { role: string; delegation: string; from: string }[];
  };
  sessionId: string;
  /** When this session last proved who it is; null for half a sign-in, which only the routes of its second step see. */
  provedAt: Instant | null;
};

/** Where a visit comes from. Personal data: hashed or put in words before it is kept, and never in a log. */
export type Source = {
  /** The network address, as far as CHIROGRAPH_PROXY lets us know it. */
  address: string;
  /** What the browser calls itself: a header, so anything. */
  browser: string;
  /** The cookie of a browser that somebody signed in with before, unproven. */
  device: string | null;
};

/** A file of a form, and the field it was chosen in. `next` is the file after it, or null: ask for it once this one is read to its end. */
export type Upload = { field: string; name: string; stream: Readable; next(): Promise<Upload | null> };

/** One visit to a route: everything a handler may know of it. */
export type Exchange = {
  params: Record<string, string>;
  query: Record<string, string>;
  /** Where the visitor's browser finds the service, such as `https://share.example.gov.uk`: for a whole link to it. */
  origin: string;
  /** Fields as typed, lines ending in \n. A name sent more than once is a list. */
  form: Record<string, string | string[]>;
  visitor: Visitor;
  from: Source;
  now: Instant;
  /** The file of a route that takes one, or the first. Read it inside `handle`: a file over the route's limit is an error of the stream. */
  upload: null | Upload;
  /** The form's hidden field, or the `Idempotency-Key` header: a new one for each form that was shown. */
  idempotencyKey: string | null;
  /** True once the service has been told to stop: it still answers, and a balancer is to send no more. */
  stopping: boolean;
  /** Aborted when the service ends and cannot wait: what takes long stops then. */
  ending: AbortSignal;
  /**
   * Takes work that goes on after the answer. The service ends only once it has, so it gives up when `ending` is aborted;
   * what it throws is a fault in the log under this visit's reference.
   */
  afterwards(work: Promise<unknown>): void;
};

/** What a handler answers. No numbers: only platform/http knows those. */
export type Answer =
  /** A template, such as `requests/decide.njk`, and what it shows; `next` is the address of the next page of a list. */
  | ({ page: string; model: object; next?: string | null } & SignsIn)
  /** Another page of this service, with what to say there once; `endSession` signs out. */
  | ({ goTo: string; notice?: string; endSession?: true } & SignsIn)
  /** No. With a page, that page again under an error summary; without, a page that says it. The first kind sets the status. */
  | { refused: Refusal | readonly [Refusal, ...Refusal[]]; page?: string; model?: object }
  /** A file to save. */
  | { file: Readable | Buffer; name: string; type: string }
  | { json: Json; status?: 'unavailable'; next?: string | null };

/** Cookies that an answer gives: a session's token, and what makes this browser known. */
type SignsIn = { session?: string; device?: string };

/** One page or action. There is no other way to add one. */
export type Route = {
  method: 'GET' | 'POST';
  path: string;
  /**
   * `signed-in`: anybody else is sent to sign in (GET) or refused (POST). `signing-in`: whoever has given a password and
   * not the second factor yet, who is nobody everywhere else.
   */
  who: 'anyone' | 'signed-in' | 'signing-in';
  handle(exchange: Exchange): Promise<Answer>;
  /** Its address is a secret: the browser is told to repeat none of it, not even to us. */
  secretAddress?: true;
  /** Its page has a script that asks this service for more: the browser lets no other page do so. */
  fetches?: true;
  /**
   * Asks again who it is, in the same form, where the session proved it too long ago. Without proof `handle` is never
   * asked, so nothing is done and no key is used; this answers the page with the form, which then says why.
   */
  proveFirst?(exchange: Exchange): Promise<Answer>;
  /** Takes a multipart form with one file, or with so many `files`, last in the form. Larger ones are refused. */
  upload?: { maxBytes: number; files?: number };
};

/** One line of the log: no address, name or value of anybody. `route` is the pattern, never the URL. */
export type LogLine = {
  at: Instant;
  method: string;
  route: string;
  status: number;
  ms: number;
  reference: string;
  /** What went wrong inside, where something did. */
  fault?: Fault;
};
