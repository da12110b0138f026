import { once } from 'node:events';
import { readFile, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openWitness, parseVkey, serveWitness } from '../ledger/index.ts';
import { KeyPage, logKeysOf } from '../organisations/rules.ts';
import { command, exits, optionalValue, refusedOutcome, value } from '../platform/command.ts';
import { refuse } from '../platform/refusal.ts';

type Flags = { data: string; name: string; port: string; host?: string };

export const witness = command<Flags, string[]>({
  brief: 'Witness other bodies’ logs: cosign each state that only grew from the one before',
  full: 'Serves c2sp.org/tlog-witness until it is stopped. Give it the key pages (keys show) or vkey files of the logs to witness. It needs no database and no account; run it on a machine that the operator of those logs does not run, and give them its URL and the key that it prints.',
  flags: {
    data: value('DIR', 'Its folder: its key, and what it has seen. Never put an older copy of it back'),
    name: value('NAME', 'What the key is called for ever, such as witness.example.gov.uk'),
    port: value('N', 'The port to listen on'),
    host: optionalValue('ADDRESS', 'The address to listen on; without it, this machine only'),
  },
  args: 'many files',
  run: async (at, flags, ...files) => {
    const logs = new Map<string, string[]>();
    for (const file of files) {
      const vkeys = await readLogKeys(resolve(at.folder, file));
      if (!vkeys) {
        return refusedOutcome(
          refuse('invalid', 'witness.no-key', `${file} is neither a key page nor a vkey of a log.`),
        );
      }
      for (const vkey of vkeys) {
        const origin = vkey.slice(0, vkey.indexOf('+'));
        logs.set(origin, [...(logs.get(origin) ?? []), vkey]);
      }
    }
    const port = Number(flags.port);
    if (!/^\d{1,5}$/.test(flags.port) || port > 65_535 || !/^[^\s+]+$/.test(flags.name)) {
      const says = 'Give a --port from 0 to 65535, and a --name without spaces and plus signs.';
      return refusedOutcome(refuse('invalid', 'witness.flags', says));
    }
    const folder = resolve(at.folder, flags.data);
    const opened = await openWitness(await realpath(folder).catch(() => folder), flags.name, logs);
    const server = serveWitness(opened.witness, (fault) => at.process.stderr.write(`${String(fault)}\n`));
    server.listen(port, flags.host ?? '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const where = typeof address === 'object' && address ? `${address.address}:${address.port}` : '';
    at.process.stderr.write(`Witnessing ${logs.size} logs at http://${where}/\nIts key: ${opened.vkey}\n`);
    const stopping = new AbortController();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
    if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
    server.close();
    return { exit: exits.done, json: { vkey: opened.vkey }, text: 'Stopped.' };
  },
});

async function readLogKeys(path: string): Promise<string[] | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const line = text.trim();
  if (parseVkey(line)) return [line];
  try {
    const vkeys = logKeysOf(KeyPage.parse(JSON.parse(text))).map((held) => held.vkey);
    return vkeys.every((vkey) => parseVkey(vkey)) ? vkeys : null;
  } catch {
    return null;
  }
}
