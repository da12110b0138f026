export { askedOf, decideRequest, failingRules, judgeRequest, recordDecision } from './decide-request.ts';
export { type AboutTheRelease, type Asked, gatherFacts, hasStandingApproval } from './facts.ts';
export { checkRequest, makeRequest } from './make-request.ts';
export {
  type DataRequest,
  type Decision,
  findDecision,
  findRequest,
  findRequests,
  moveRequest,
  nextReference,
  partiesOf,
  saveRequest,
} from './store.ts';
