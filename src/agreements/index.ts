export { roleToSign, standingIn } from './agreement-page.ts';
export { type Agreement, agreementDigest, parseAgreement } from './document.ts';
export { countAgreements, findAgreementList } from './lists.ts';
export { proposeAgreement } from './propose-agreement.ts';
export { sealedAgreements, sealedSignatures } from './sealed.ts';
export { signAgreement } from './sign-agreement.ts';
export {
  type Brief,
  findAgreement,
  findAgreementById,
  findAgreementsById,
  findBriefs,
  type KeptAgreement,
  type ListedAgreement,
} from './store.ts';
export { exportAgreement, keysOfAgreement, provedSigners, verifyAgreement } from './verify-agreement.ts';
