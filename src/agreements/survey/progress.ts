import type { Writable } from 'node:stream';
import { withoutControls } from '../../platform/pure/words.ts';
import type { Progress } from './survey.ts';

const clear = '\r\u001b[K';

/**
 * Shows how far a survey is: on a terminal in one line that is written anew and gone at the end, else a line for each file. Written to the
 * stream itself: what a command says through its own is a complaint, and without the signs that move on a terminal.
 */
export function progressOn(stream: Writable & { isTTY?: boolean; columns?: number }): {
  tell: Progress;
  end: () => void;
} {
  const isTTY = stream.isTTY === true;
  const columns = stream.columns || 80; // some terminals say that they have none
  return {
    tell: (done, of, file) => {
      const line = withoutControls(`${done} of ${of}: ${file}`).replaceAll(/[\n\t]/g, ' ');
      stream.write(isTTY ? `${clear}${line.slice(0, columns - 1)}` : `${line}\n`);
    },
    end: () => {
      if (isTTY) stream.write(clear);
    },
  };
}
