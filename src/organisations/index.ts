export { createOrganisation } from './create-organisation.ts';
export { findDelegation } from './delegation-store.ts';
export { eraseAgain, erasePerson } from './erase-person.ts';
export { finderOf, findPartner, type Partnered, wordsIn } from './find-partner.ts';
export {
  type DetachedSignature,
  proveSignature,
  receivingIdentity,
  signAs,
  signingFingerprint,
} from './keys.ts';
export { findLink, makeLink, useLink } from './links.ts';
export { mayAdminister } from './people-rules.ts';
export { sealedKeys, sealedOrganisations } from './sealed.ts';
export { findSession } from './session-store.ts';
export { setUpCode } from './set-up.ts';
export { signInToExample, signOut } from './sign-in.ts';
export {
  findErased,
  findExamplePeople,
  findKey,
  findNames,
  findOrganisation,
  findOrganisations,
  findPeople,
  needsSetup,
} from './store.ts';
export { visitorsOf } from './visitors.ts';
