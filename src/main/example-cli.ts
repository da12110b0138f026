import { command, exits, refusedOutcome } from '../platform/command.ts';
import { refuse } from '../platform/refusal.ts';
import { createExample } from './example.ts';

export const example = command({
  brief: 'Make the example: three bodies, five people, a signed agreement',
  full: 'Made once; running it again changes nothing. An instance that holds it can never become a real one.',
  flags: {},
  run: async (at) => {
    const instance = await at.instance('creating command');
    if (instance.mode !== 'example') {
      const says = 'This is a real instance. The example needs a CHIROGRAPH_DATA of its own.';
      return refusedOutcome(refuse('conflict', 'example.real-instance', says));
    }
    const { organisations, agreement, dataSets, purposes } = await createExample(instance);
    return {
      exit: exits.done,
      json: { organisations, agreement, dataSets, purposes },
      text: [
        'The example is ready.',
        `  Bodies     ${organisations.join(', ')}`,
        `  Agreement  ${agreement}: ${organisations[0]} to ${organisations[1]}`,
        `  Data       ${dataSets.join(', ')}`,
        `  Purposes   ${purposes.join(', ')}`,
        '',
        'Try:',
        '  chirograph share --as westmarch-police --agreement ISA-2026-001 --dataset stop-and-search \\',
        '    --to westmarch-opcc --purpose hold-to-account \\',
        '    --input examples/data/2024-01-bedfordshire-stop-and-search.csv --out /tmp/release',
      ].join('\n'),
    };
  },
});
