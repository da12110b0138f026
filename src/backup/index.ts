export { rememberAllGone } from './gone-since.ts';
