/** What of a list is asked for: which one (`list`), of which partner (`with`), from where on (`after`). */
type Query = Partial<Record<'list' | 'with' | 'after', string>>;

function withQuery(path: string, query: Query = {}): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? path : `${path}?${text}`;
}

/**
 * Every address of the service. Pure; anyone may import it, and templates have it as `paths`. The same table gives the
 * routes their patterns: `paths.release(':id')` is `/releases/:id`.
 */
export const paths = {
  today: () => '/',

  signIn: (next?: string) => withNext('/sign-in', next),
  signInCode: (next?: string) => withNext('/sign-in/code', next),
  signInSecondFactor: (next?: string) => withNext('/sign-in/second-factor', next),
  signOut: () => '/sign-out',
  account: () => '/account',
  accountPassword: () => '/account/password',
  accountSecondFactor: () => '/account/second-factor',
  accountCodes: () => '/account/recovery-codes',
  endSession: (id: string) => `/account/sessions/${id}/end`,
  endOtherSessions: () => '/account/sessions/end',
  setUp: () => '/setup',

  people: () => '/people',
  newPerson: () => '/people/new',
  person: (id: string) => `/people/${id}`,
  personRoles: (id: string) => `/people/${id}/roles`,
  personLink: (id: string) => `/people/${id}/link`,
  resetSignIn: (id: string) => `/people/${id}/reset-sign-in`,
  erasePerson: (id: string) => `/people/${id}/erase`,
  delegations: () => '/delegations',
  endDelegation: (id: string) => `/delegations/${id}/end`,
  link: (token: string) => `/link/${token}`,

  requests: (query?: Query) => withQuery('/requests', query),
  newRequest: (query?: Query) => withQuery('/requests/new', query),
  checkRequest: () => '/requests/check',
  request: (reference: string) => `/requests/${reference}`,
  decideRequest: (reference: string) => `/requests/${reference}/decision`,
  prepareRelease: (reference: string, k?: number) => withSize(`/requests/${reference}/prepare`, k),
  beginRun: (reference: string) => `/requests/${reference}/runs`,
  run: (id: string) => `/runs/${id}`,
  runJson: (id: string) => `/runs/${id}.json`,
  cancelRun: (id: string) => `/runs/${id}/cancel`,
  agreements: (query?: Query) => withQuery('/agreements', query),
  startAgreement: () => '/agreements/start',
  proposeAgreement: () => '/agreements/propose',
  surveyAgreements: () => '/agreements/survey',
  compareAgreements: (query?: Query) => withQuery('/agreements/compare', query),
  comparedAsWord: () => '/agreements/compare/word',
  readAgreement: () => '/agreements/read',
  confirmRead: () => '/agreements/read/confirm',
  agreement: (reference: string) => `/agreements/${reference}`,
  signedAgreement: (reference: string) => `/agreements/${reference}.json`,
  writtenAgreement: (reference: string, form: 'docx' | 'pdf' | 'yaml') => `/agreements/${reference}.${form}`,
  signAgreement: (reference: string) => `/agreements/${reference}/sign`,
  releases: (query?: Query) => withQuery('/releases', query),
  release: (reference: string, k?: number) => withSize(`/releases/${reference}`, k),
  releaseQuality: (reference: string) => `/releases/${reference}/quality`,
  approveRelease: (reference: string) => `/releases/${reference}/approve`,
  withdrawRelease: (reference: string) => `/releases/${reference}/withdraw`,
  collectRelease: (reference: string) => `/releases/${reference}/collect`,
  destroyRelease: (reference: string) => `/releases/${reference}/destroy`,
  releaseFile: (reference: string, name: string) => `/releases/${reference}/files/${name}`,
  ledger: () => '/ledger',
  ledgerBefore: (entry: number, log?: number) =>
    `/ledger?${log === undefined ? '' : `log=${log}&`}before=${entry}`,
  ledgerLog: (log: number) => `/ledger?log=${log}`,
  checkLedger: () => '/ledger/check',
  safety: () => '/safety',
  receipt: (act: string) => `/ledger/${act}.tlog-proof`,

  verify: () => '/verify',

  register: (query?: Query) => withQuery('/register', query),
  registerJson: (query?: Query) => withQuery('/register.json', query),
  keys: () => '/keys',
  keyPage: (slug: string) => `/keys/${slug}.json`,
  openapi: () => '/openapi.json',
  health: () => '/healthz',
  readiness: () => '/readyz',

  help: () => '/help',
  cookies: () => '/cookies',
  accessibility: () => '/accessibility',
} as const;

/** With the size of groups, where another than the agreed one is looked at. */
function withSize(path: string, k: number | undefined): string {
  return k === undefined ? path : `${path}?k=${k}`;
}

function withNext(path: string, next: string | undefined): string {
  return next === undefined ? path : `${path}?${new URLSearchParams({ next }).toString()}`;
}
