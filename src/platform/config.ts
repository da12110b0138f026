import { isIP } from 'node:net';
import { resolve } from 'node:path';

/** What the environment asks for. Read once, by `readConfig`. */
export type Config = {
  port: number;
  host: string;
  /** Absolute. Keys, staging, packages and, with no `databaseUrl`, PostgreSQL's own files. */
  dataFolder: string;
  /** Proxies before the service whose word is taken for where a visit comes from: addresses or ranges. */
  proxies: string[];
  /** Witnesses outside: where each takes submissions, and its verifier key. */
  witnesses: { url: string; vkey: string }[];
  /** A PostgreSQL 18 of the user's, or null for our own. */
  databaseUrl: string | null;
  /** What was asked for by name; null where nothing was said. */
  mode: 'example' | 'live' | null;
  /** Seconds between being told to stop and taking no more connections: a balancer sees `/readyz` meanwhile. */
  drainSeconds: number;
  /** Seconds that what is under way then has to end by itself. */
  stopSeconds: number;
};

/** Every fault of the configuration at once, each with what to do. */
export type ConfigFaults = { faults: string[] };

const loopback = new Set(['localhost', '127.0.0.1', '::1']);

/** True for the addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return loopback.has(host);
}

/** Reads the configuration from the environment. Pure: relative folders are taken from `folder`. */
export function readConfig(env: Record<string, string | undefined>, folder: string): Config | ConfigFaults {
  const faults: string[] = [];
  const port = Number(env['PORT'] || '3000');
  if (!/^\d*$/.test(env['PORT'] ?? '') || port > 65535) {
    faults.push(`PORT is "${env['PORT']}". Give a number from 0 to 65535, such as 3000.`);
  }
  const said = env['CHIROGRAPH_MODE'] || undefined;
  if (said !== undefined && said !== 'example' && said !== 'live') {
    faults.push(`CHIROGRAPH_MODE is "${said}". Say "example" or "live", or leave it out.`);
  }
  const proxies = (env['CHIROGRAPH_PROXY'] ?? '').split(',').flatMap((one) => one.trim() || []);
  const noProxies = proxies.filter((one) => !isNetwork(one));
  if (noProxies.length > 0) {
    faults.push(
      `CHIROGRAPH_PROXY has "${noProxies.join(', ')}". Give the addresses of your proxies, or ranges such as 10.0.0.0/24, with commas between.`,
    );
  }
  const witnesses = (env['CHIROGRAPH_WITNESSES'] ?? '').split(',').flatMap((one) => {
    const [, url, vkey] =
      /^(https?:\/\/[^\s@?#]+) ([^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*)$/.exec(one.trim()) ?? [];
    if (url && vkey && URL.canParse(url)) return [{ url: url.endsWith('/') ? url : `${url}/`, vkey }];
    if (one.trim() !== '') {
      faults.push(
        `CHIROGRAPH_WITNESSES has "${one.trim()}". Give each witness as its URL, a space and the key it printed, with commas between.`,
      );
    }
    return [];
  });
  const databaseUrl = env['DATABASE_URL'] || null;
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    faults.push('DATABASE_URL does not start with postgres:// or postgresql://.');
  }
  if (databaseUrl !== null && said === 'example') faults.push(exampleNeeds.ownDatabase);
  const secondsOf = (name: string, otherwise: number): number => {
    const text = env[name] || String(otherwise);
    if (!/^\d{1,3}$/.test(text) || Number(text) > 300) {
      faults.push(`${name} is "${text}". Give whole seconds from 0 to 300, such as ${otherwise}.`);
    }
    return Number(text);
  };
  const drainSeconds = secondsOf('CHIROGRAPH_DRAIN_SECONDS', 0);
  const stopSeconds = secondsOf('CHIROGRAPH_STOP_SECONDS', 30);
  if (faults.length > 0) return { faults };
  return {
    port,
    host: env['HOST'] || 'localhost',
    dataFolder: resolve(folder, env['CHIROGRAPH_DATA'] || 'data'),
    databaseUrl,
    proxies,
    witnesses,
    mode: (said as Config['mode']) ?? null,
    drainSeconds,
    stopSeconds,
  };
}

// An address, or a range of some: one that everybody is in would let everybody say where they come from.
function isNetwork(text: string): boolean {
  const [address = '', bits, more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more !== undefined) return false;
  if (bits === undefined) return true;
  const most = version === 4 ? 32 : 128;
  return /^\d{1,3}$/.test(bits) && Number(bits) >= 8 && Number(bits) <= most;
}

/** What the example refuses, in words: anyone can sign in to it as anybody. */
export const exampleNeeds = {
  ownDatabase:
    'The example uses its own PostgreSQL only, and DATABASE_URL is set. Unset it, or set CHIROGRAPH_MODE=live for a real instance.',
  loopback:
    'The example listens on this machine only, because anyone can sign in to it as anybody, and HOST is set to another address. Unset HOST, or start a real instance: CHIROGRAPH_MODE=live with a CHIROGRAPH_DATA of its own.',
};

/** Why an instance of this mode cannot run with this configuration, or null. */
export function unfit(config: Config, mode: 'example' | 'live'): string | null {
  if (mode === 'live') return null;
  if (config.databaseUrl !== null) return exampleNeeds.ownDatabase;
  return isLoopback(config.host) ? null : exampleNeeds.loopback;
}
