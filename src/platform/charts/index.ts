export { groupBars } from './group-bars.ts';
