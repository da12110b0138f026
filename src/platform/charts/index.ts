export { type GroupBars, type Groups, groupBars } from './group-bars.ts';
