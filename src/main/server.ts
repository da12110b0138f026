import { setTimeout as sleep } from 'node:timers/promises';
import { rememberAllGone } from '../backup/index.ts';
import { startIntegrator, startWitnessing } from '../ledger/index.ts';
import { needsSetup, setUpCode, visitorsOf } from '../organisations/index.ts';
import { type Config, readConfig } from '../platform/config.ts';
import { createHttp } from '../platform/http/index.ts';
import { CannotStart, type Instance, openInstance } from '../platform/instance.ts';
import { instantOf } from '../platform/pure/dates.ts';
import type { Repeated } from '../platform/repeat.ts';
import { wordsOf } from '../platform/trouble.ts';
import { startSweeping, sweep } from '../releases/index.ts';
import { loadRulebook, shippedRules } from '../rulebook/index.ts';
import { composeRoutes, templateFolders } from './compose.ts';
import { createExample } from './example.ts';
import { listenToSignals, type Signals } from './signals.ts';

const exampleBanner =
  'This is the example: its bodies and people are fictional, and anyone on this machine can sign in as any of them. Do not put real data in it.';

const witnessSeconds = 6; // that the service waits at its start; a witness that does not answer is given up before

const say = (line: string) => process.stdout.write(`${line}\n`);

try {
  await serve();
} catch (fault) {
  process.stderr.write(`${wordsOf(fault) ?? String((fault as Error).stack)}\n`);
  process.exitCode = 1;
}

async function serve(): Promise<void> {
  const config = readConfig(process.env, process.cwd());
  if ('faults' in config) throw new CannotStart(config.faults.join('\n'));
  const signals = listenToSignals(config.drainSeconds + config.stopSeconds);
  const instance = await openInstance(config, 'service', say);
  try {
    await sweep(instance, instantOf(new Date()));
    await rememberAllGone(instance);
    if (instance.mode === 'example') await createExample(instance);
    if (!signals.stopping.aborted) await listen(instance, config, signals);
  } finally {
    await instance.close();
  }
}

async function listen(
  instance: Instance,
  { host, port, proxies, databaseUrl, drainSeconds, witnesses }: Config,
  { stopping, ending }: Signals,
): Promise<void> {
  const { database, sealer, mode } = instance;
  const http = await createHttp({
    routes: composeRoutes(instance, loadRulebook(shippedRules), { host, proxies, databaseUrl }),
    templates: templateFolders,
    ...visitorsOf(instance),
    proxies,
    banner: mode === 'example' ? exampleBanner : null,
    log: (line) => say(JSON.stringify(line)),
    report: say,
    stopping,
    ending,
  });
  const isEmpty = await database.read(null, needsSetup);
  const complain = (what: string) => (fault: unknown) =>
    process.stderr.write(`${what}: ${fault instanceof Error ? fault.message : 'unknown fault'}\n`);
  const running: Repeated[] = [];
  try {
    const witnessing = startWitnessing(instance, witnesses, complain('Witnessing waits'));
    running.push(witnessing);
    // Before anything is signed, and before a page can ask for it: what a witness has seen may show that this database is old.
    await Promise.race([
      witnessing.asked,
      sleep(witnessSeconds * 1000, undefined, { ref: false }),
      aborted(stopping),
    ]);
    running.push(startIntegrator(instance, complain('The ledger waits')));
    running.push(startSweeping(instance, complain('What was left behind lies there until the next sweep')));
    await http.listen({ host, port }).catch((fault: NodeJS.ErrnoException) => {
      throw new CannotStart(
        fault.code === 'EADDRINUSE'
          ? `Port ${port} is in use by another program. Stop it, or choose another port: PORT=3001 npm start`
          : `Chirograph cannot listen on ${host}:${port} (${fault.code}). Check HOST and PORT.`,
      );
    });
    const address = http.server.address();
    say(`Chirograph is at http://${host}:${typeof address === 'object' ? address?.port : port}`);
    if (isEmpty) {
      say(`Nobody has set it up yet. Open it in a browser, with this set-up code: ${setUpCode(sealer)}`);
    }
    await aborted(stopping);
    say('Stopping: what is under way is finished first.');
    await Promise.race([sleep(drainSeconds * 1000, undefined, { ref: false }), aborted(ending)]);
  } finally {
    await http.close();
    for (const one of running.reverse()) await one.stop();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
