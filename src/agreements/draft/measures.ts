/** A length of time that a text names: its number, its unit, and where. `working`: of working days. */
export type Span = {
  number: number;
  unit: 'hour' | 'day' | 'week' | 'month' | 'year';
  working: boolean;
  at: number;
};

const words = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
  'twenty',
];
const more: Record<string, number> = {
  'twenty-four': 24,
  'twenty four': 24,
  'twenty-eight': 28,
  thirty: 30,
  'forty-eight': 48,
  'forty eight': 48,
  'seventy-two': 72,
  ninety: 90,
};

const spans =
  /\b(\d{1,4}|twenty[- ](?:four|eight)|forty[- ]eight|seventy-two|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|ninety)(?: ?\(\w{1,12}\))?[ -]?(working |business |calendar |clear |full )?(hour|day|week|month|year)s?\b/gi;

/** Every length of time that a text names. */
export function spansIn(text: string): Span[] {
  return [...text.matchAll(spans)].flatMap(({ 1: count = '', 2: kind = '', 3: unit = '', index }) => {
    const said = count.toLowerCase();
    const number = /^\d/.test(said) ? Number(said) : (more[said] ?? words.indexOf(said));
    if (number <= 0) return [];
    const working = /working|business/i.test(kind);
    return [{ number, unit: unit.toLowerCase() as Span['unit'], working, at: index }];
  });
}

/** A length of time as a term has it: P7Y, P6M, P30D; null for hours. */
export function periodOf({ number, unit }: Span): string | null {
  switch (unit) {
    case 'year':
      return `P${number}Y`;
    case 'month':
      return `P${number}M`;
    case 'week':
      return `P${number * 7}D`;
    case 'day':
      return `P${number}D`;
    case 'hour':
      return null;
  }
}
