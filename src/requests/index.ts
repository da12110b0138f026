export { askedOf, decideRequest, failingRules, judgeRequest, recordDecision } from './decide-request.ts';
export { type AboutTheRelease, type Asked, gatherFacts, hasStandingApproval } from './facts.ts';
export { countWork, findUrgentRequests } from './lists.ts';
export { makeRequest, recordRequest } from './make-request.ts';
export { type FieldRow, fieldRows } from './page-fields.ts';
export { dataSetOf, purposeOf, shortDay, timeLeft, titleOf } from './page-words.ts';
export { sealedDecisions, sealedRequests } from './sealed.ts';
export {
  type DataRequest,
  findRequest,
  lockRequest,
  moveRequest,
  nextReference,
  partiesOf,
  saveRequest,
} from './store.ts';
