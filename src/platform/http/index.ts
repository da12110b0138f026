export type { Answer, Exchange, LogLine, Route, Source, Upload, Visitor } from './contract.ts';
export { localOr } from './local.ts';
export { fieldOf } from './read-form.ts';
export { createHttp, type HttpOptions } from './server.ts';
export { standalonePage } from './standalone.ts';
export { staticRoutes } from './static-pages.ts';
