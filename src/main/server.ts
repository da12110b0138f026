import { startIntegrator } from '../ledger/index.ts';
import { findSession, needsSetup, setUpCode } from '../organisations/index.ts';
import { readConfig } from '../platform/config.ts';
import { createHttp } from '../platform/http/index.ts';
import { CannotStart, type Instance, openInstance } from '../platform/instance.ts';
import { instantOf } from '../platform/pure/dates.ts';
import { wordsOf } from '../platform/trouble.ts';
import { sweep } from '../releases/index.ts';
import { loadRulebook, shippedRules } from '../rulebook/index.ts';
import { composeRoutes, templateFolders } from './compose.ts';
import { createExample } from './example.ts';

const exampleBanner =
  'This is the example: its bodies and people are fictional, and anyone on this machine can sign in as any of them. Do not put real data in it.';

const say = (line: string) => process.stdout.write(`${line}\n`);

try {
  await serve();
} catch (fault) {
  process.stderr.write(`${wordsOf(fault) ?? String((fault as Error).stack)}\n`);
  process.exitCode = 1;
}

async function serve(): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  const config = readConfig(process.env, process.cwd());
  if ('faults' in config) throw new CannotStart(config.faults.join('\n'));
  const instance = await openInstance(config, 'service', say);
  try {
    await sweep(instance, instantOf(new Date()));
    if (instance.mode === 'example') await createExample(instance);
    if (!stopping.signal.aborted) await listen(instance, config, stopping.signal);
  } finally {
    await instance.close();
  }
}

async function listen(
  instance: Instance,
  where: { host: string; port: number },
  stopping: AbortSignal,
): Promise<void> {
  const { database, sealer, mode } = instance;
  const http = await createHttp({
    routes: composeRoutes(instance, loadRulebook(shippedRules)),
    templates: templateFolders,
    findVisitor: async (hash, now) => {
      const found = await database.read(null, (db) => findSession(db, hash, now));
      return found && { ...found, sessionId: hash.toString('hex') };
    },
    banner: mode === 'example' ? exampleBanner : null,
    log: (line) => say(JSON.stringify(line)),
    report: say,
  });
  const integrator = startIntegrator(instance, (fault) =>
    process.stderr.write(`The ledger waits: ${fault instanceof Error ? fault.message : 'unknown fault'}\n`),
  );
  try {
    await http.listen(where).catch((fault: NodeJS.ErrnoException) => {
      throw new CannotStart(
        fault.code === 'EADDRINUSE'
          ? `Port ${where.port} is in use by another program. Stop it, or choose another port: PORT=3001 npm start`
          : `Chirograph cannot listen on ${where.host}:${where.port} (${fault.code}). Check HOST and PORT.`,
      );
    });
    say(`Chirograph is at http://${where.host}:${where.port}`);
    if (await database.read(null, needsSetup)) {
      say(`Nobody has set it up yet. Open it in a browser, with this set-up code: ${setUpCode(sealer)}`);
    }
    await new Promise<void>((done) => {
      if (stopping.aborted) done();
      stopping.addEventListener('abort', () => done(), { once: true });
    });
    say('Stopping.');
  } finally {
    await http.close();
    await integrator.stop();
  }
}
