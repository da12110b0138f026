import { paths } from '../../src/paths.ts';
import { input, type World } from './world.ts';

/** A form that somebody may send once: where to, who, what with it, and the act that it makes in the logs. */
export type Form = {
  path(world: World): string;
  who: keyof World['sessions'];
  fields?: Record<string, string>;
  file?: string;
  act: string;
};

/** Asking for data, which can be done any number of times. */
export const ask: Form = {
  path: () => paths.requests(),
  who: 'Amina Yusuf',
  fields: {
    offer: 'ISA-2026-001 stop-and-search',
    purpose: 'complaint-reviews',
    need: 'To review a complaint about a search.',
  },
  act: 'request.made',
};

/** One of each act of a person, on what the world has waiting for it. */
export const forms = {
  ask,
  decide: {
    path: (world) => paths.decideRequest(world.waiting),
    who: 'Tom Reyes',
    fields: { decision: 'share', reasons: 'It is needed for the review.' },
    act: 'request.agreed',
  },
  prepare: {
    path: (world) => paths.prepareRelease(world.agreed),
    who: 'Dan Okafor',
    file: input,
    act: 'release.prepared',
  },
  approve: { path: (world) => paths.approveRelease(world.prepared), who: 'Tom Reyes', act: 'release.sent' },
  withdraw: {
    path: (world) => paths.withdrawRelease(world.prepared),
    who: 'Tom Reyes',
    act: 'release.withdrawn',
  },
  collect: {
    path: (world) => paths.collectRelease(world.sent),
    who: 'Amina Yusuf',
    act: 'release.collected',
  },
  destroy: {
    path: (world) => paths.destroyRelease(world.collected),
    who: 'Amina Yusuf',
    fields: { method: 'deleted', certain: 'yes' },
    act: 'release.destroyed',
  },
  sign: { path: (world) => paths.signAgreement(world.agreement), who: 'Tom Reyes', act: 'agreement.signed' },
} as const satisfies Record<string, Form>;
