/** What a visitor was shown. */
export type Shown = {
  status: number;
  location: string | null;
  body: string;
  headers: Headers;
  bytes: Buffer;
};

/** A form as it was shown: its hidden fields. */
export type Form = Record<string, string>;

/** A browser's cookies, and what a person does with them: over a real connection, at whichever server it is told. */
export type Visitor = {
  get(url: string): Promise<Shown>;
  /** Sends a form; with a file, as a page with a file field does. */
  post(url: string, form: Form, file?: { name: string; data: Blob }): Promise<Shown>;
  /** The cookies, as a request sends them. */
  cookies(): string;
  /** A copy with the same cookies, that goes its own way. */
  twin(): Visitor;
};

/** A browser with these cookies; none to begin with. */
export function aVisitor(given: ReadonlyMap<string, string> = new Map()): Visitor {
  const jar = new Map(given);
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const ask = async (url: string, init: RequestInit): Promise<Shown> => {
    const headers = { accept: 'text/html', cookie: cookies() };
    const answer = await fetch(url, { ...init, redirect: 'manual', headers });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    const bytes = Buffer.from(await answer.arrayBuffer());
    const location = answer.headers.get('location');
    return { status: answer.status, location, body: bytes.toString(), headers: answer.headers, bytes };
  };
  return {
    get: (url) => ask(url, {}),
    post: (url, form, file) => {
      if (!file) return ask(url, { method: 'POST', body: new URLSearchParams(form) });
      const body = new FormData();
      for (const [name, value] of Object.entries(form)) body.append(name, value);
      body.append('file', file.data, file.name);
      return ask(url, { method: 'POST', body });
    },
    cookies,
    twin: () => aVisitor(jar),
  };
}

/** The hidden fields of the form on a page that is sent to an address. */
export function formOn({ body }: Shown, action: string): Form {
  const form = body
    .split('<form')
    .find((text) => text.includes(`action="${action}"`) || text.includes('multipart/form-data'));
  if (form === undefined) throw new Error(`No form for ${action} on the page:\n${body}`);
  const fields = [
    ...(form.split('</form>')[0] ?? '').matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g),
  ];
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]));
}
