import { basename } from 'node:path';
import { findTrouble, type LogTrouble, showTrouble } from '../ledger/index.ts';
import { paths } from '../paths.ts';
import type { Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';

/** What Today and the ledger say at their top while a log is stopped: what happened, and what to do. */
export function alarmOf(trouble: LogTrouble | null) {
  return trouble && showTrouble(onPage(trouble));
}

// Whoever reads a page needs the name of the file, to pass it on; where it lies is for who runs the service.
function onPage(trouble: LogTrouble): LogTrouble {
  return 'path' in trouble ? { ...trouble, path: basename(trouble.path) } : trouble;
}

/** What a page answers to whatever needs a log that is stopped. */
export function refuseOnPage(trouble: LogTrouble): Refusal {
  const { says: why } = showTrouble(onPage(trouble));
  const says = `Your ledger has stopped, so nothing was changed. ${why.join(' ')} Today says what can be done.`;
  return refuse('stopped', 'ledger.stopped', says);
}

/** Refuses, up front and with the reason, whatever somebody does whose organisation's log is stopped: it could not be proved. */
export function unlessStopped(instance: Instance, routes: Route[]): Route[] {
  return routes.map((route) => {
    if (route.method === 'GET' || route.who === 'anyone' || route.path === paths.signOut()) return route;
    return {
      ...route,
      handle: async (exchange) => {
        const { visitor } = exchange;
        const trouble = visitor && (await findTrouble(instance, visitor.organisation.id));
        return trouble ? { refused: refuseOnPage(trouble) } : route.handle(exchange);
      },
    };
  });
}
