import type { CedarValueJson, Context, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';
import type { Day } from '../platform/pure/dates.ts';
import { isPrepared, isReleased, type Prepared, type Released, type ReleaseFacts } from './facts.ts';

/** A request as Cedar takes it: may this organisation receive this data set, these facts given? */
export type CedarRequest = { principal: TypeAndId; action: TypeAndId; resource: TypeAndId; context: Context };

/** Facts in the words of `schema.cedarschema`. Days become day numbers and the limit millionths, so nothing is rounded. */
export function cedarRequest(facts: ReleaseFacts): CedarRequest {
  return {
    principal: { type: 'Organisation', id: facts.recipient.slug },
    action: { type: 'Action', id: facts.action },
    resource: { type: 'DataSet', id: facts.dataSet },
    context: {
      today: dayNumber(facts.today),
      sender: entity('Organisation', facts.sender.slug),
      purpose: entity('Purpose', facts.purpose),
      agreement: agreementContext(facts.agreement),
      ...(isPrepared(facts) && { data: dataContext(facts.data) }),
      ...(isReleased(facts) && { approval: approvalContext(facts.approval) }),
    },
  };
}

function agreementContext(agreement: ReleaseFacts['agreement']): CedarValueJson {
  const { done, on, outcome } = agreement.dpiaScreening;
  return {
    startsOn: dayNumber(agreement.startsOn),
    endsOn: dayNumber(agreement.endsOn),
    parties: agreement.parties.map((slug) => entity('Organisation', slug)),
    purposes: agreement.purposes.map((id) => entity('Purpose', id)),
    shares: agreement.shares.map((share) => ({
      dataSet: entity('DataSet', share.dataSet),
      purpose: entity('Purpose', share.purpose),
      from: entity('Organisation', share.from),
      to: entity('Organisation', share.to),
    })),
    signedBy: agreement.signedBy.map((slug) => entity('Organisation', slug)),
    personalData: agreement.personalData,
    dpiaScreening: {
      done,
      ...(on !== null && { on: dayNumber(on) }),
      ...(outcome !== null && { outcome: entity('ScreeningOutcome', outcome) }),
    },
    lawfulBasis: agreement.lawfulBasis,
    gateway: agreement.gateway,
  };
}

function approvalContext(approval: Released['approval']): CedarValueJson {
  return {
    by: entity('ApprovedBy', approval.by),
    ...(approval.by === 'person' && {
      preparer: entity('Person', approval.preparer),
      approver: entity('Person', approval.approver),
      preparedFor: entity('Person', approval.preparedFor),
      approvedFor: entity('Person', approval.approvedFor),
    }),
  };
}

function dataContext(data: Prepared['data']): CedarValueJson {
  return {
    readable: data.problem === null,
    missing: data.missing,
    wrongTypes: data.wrongTypes.map((wrong) => wrong.field),
    failedChecks: data.failedChecks.map((check) => check.says),
    rowsIn: data.rowsIn,
    heldBack: data.heldBack,
    ...(data.k !== null && { k: data.k }),
    ...(data.limit !== null && { limitMillionths: Math.round(data.limit * 1_000_000) }),
  };
}

function entity(type: string, id: string): CedarValueJson {
  return { __entity: { type, id } };
}

function dayNumber(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000;
}
