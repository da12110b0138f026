export type { Answer, Exchange, LogLine, Route, Visitor } from './contract.ts';
export { localOr } from './local.ts';
export { fieldOf } from './read-form.ts';
export { createHttp } from './server.ts';
export { staticRoutes } from './static-pages.ts';
