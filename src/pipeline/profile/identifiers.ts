import { literal } from '../literal.ts';

// What points at a person or a thing of theirs, in any text: for each kind an expression that finds candidates, and a check that
// most numbers which only look alike do not pass. All of it runs in the engine, whose expressions (RE2) never go back over a text.

/** `find` gives candidates, each expression as its only group; `check` is the macro that sorts out what only looks like one. */
type Identifier = {
  kind: string;
  find: readonly string[];
  /** What a whole candidate must look like, where `find` takes more: what touches it on the right, so that no piece of something longer counts. */
  form?: string;
  check?: string;
  /** Whether a whole number can be one. */
  inNumbers?: true;
};

const apart = '(?:^|[^0-9A-Za-z._/+-])';
const apartFromDigits = '(?:^|[^0-9A-Za-z.-])';
const goesOn = '(?:[.-][0-9]+)*';
const gap = '[ -]?';

// Royal Mail's 124 postcode areas, those of the forces (BF) and of large users (BX), and the one postcode without a district.
const areas =
  'AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE';
const postcode = `((?:${areas.replaceAll(' ', '|')})[0-9][0-9A-HJKMNPR-Y]? ?[0-9][ABD-HJLNP-UW-Z]{2}|GIR ?0AA)`;

const telephone = [
  `[1-9][0-9]{3}[)]?${gap}[0-9]{3}${gap}[0-9]{3}`,
  `[1-9][0-9]{3}[)]?${gap}[0-9]{5}`,
  `[1-9][0-9]{2}[)]?${gap}[0-9]{3}${gap}[0-9]{3,4}`,
  `[1-9][0-9][)]?${gap}[0-9]{4}${gap}[0-9]{4}`,
  `[1-9][0-9]{4}[)]?${gap}[0-9]{4,5}`,
].join('|');

const byte = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const hextet = '[0-9A-Fa-f]{1,4}';
const ipV6 = [
  `(?:${hextet}:){7}${hextet}`,
  `(?:${hextet}:){1,7}:`,
  ...[1, 2, 3, 4, 5, 6].map((after) => `(?:${hextet}:){1,${7 - after}}(?::${hextet}){1,${after}}`),
  `:(?::${hextet}){1,7}`,
].join('|');

export const identifiers = [
  {
    kind: 'email',
    find: [
      `([\\p{L}\\p{N}.!#$%&'*+/=?^_{|}~-]+@(?:[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?[.])+\\p{L}{2,24})`,
    ],
  },
  {
    kind: 'phone',
    find: [`${apart}((?:[(]?0|(?:[+]|00)44${gap}(?:[(]0[)])?${gap}[(]?0?)(?:${telephone})\\b${goesOn})`],
    check: 'is_phone',
    inNumbers: true,
  },
  {
    // In capitals or without any: “M1 1st exit” is none.
    kind: 'postcode',
    find: [`${apart}${postcode}\\b`, `${apart}${postcode.toLowerCase()}\\b`],
  },
  {
    // The prefixes that HMRC gives out, and the suffix A to D.
    kind: 'ni-number',
    find: [
      `(?i)${apart}([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]${gap}[0-9]{2}${gap}[0-9]{2}${gap}[0-9]{2}${gap}[A-D])\\b`,
    ],
    check: 'is_ni_number',
  },
  {
    kind: 'nhs-number',
    find: [`${apartFromDigits}([0-9]{3}${gap}[0-9]{3}${gap}[0-9]{4}\\b${goesOn})`],
    form: `[0-9]{3}${gap}[0-9]{3}${gap}[0-9]{4}`,
    check: 'is_nhs_number',
    inNumbers: true,
  },
  {
    // Since September 2001. The forms since 1963 look like much else: only as a whole value.
    kind: 'vehicle-registration',
    find: [
      `${apart}([A-HJ-PR-Y]{2}(?:0[1-9]|[1-9][0-9]) ?[A-HJ-PR-Z]{3})\\b`,
      `^([a-hj-pr-y]{2}(?:0[1-9]|[1-9][0-9]) ?[a-hj-pr-z]{3})$`,
      `(?i)^([A-HJ-NPR-TV-Y][0-9]{1,3} ?[A-HJ-PR-Y]{3}|[A-HJ-PR-Y]{3} ?[0-9]{1,3}[A-HJ-NPR-TV-Y])$`,
    ],
  },
  {
    // Long, 2003/0011985X, or short, 03/11985X.
    kind: 'pnc-id',
    find: [
      `(?i)${apart}((?:(?:19|20)[0-9]{2}/?[0-9]{7}|[0-9]{2}/[0-9]{3,7})[A-HJ-NP-RT-Z]\\b(?:/[0-9A-Za-z]+)*)`,
    ],
    form: '(?i)([0-9]{4}/?[0-9]{7}|[0-9]{2}/[0-9]{3,7})[A-Z]',
    check: 'is_pnc_id',
  },
  {
    // As data.police.uk publishes them, and as forces write them: 40/12345/23, BCH/2345/2024.
    kind: 'crime-reference',
    find: [
      `${apart}([0-9A-Fa-f]{64}|(?:[0-9]{2}|[A-Z]{2,4})/[0-9]{3,7}/(?:20)?[0-9]{2}\\b(?:/[0-9A-Za-z]+)*)\\b`,
    ],
    form: '[0-9A-Fa-f]{64}|[0-9]{2}/[0-9]{3,7}/[0-9]{2}|[A-Z]{2,4}/[0-9]{3,7}/(20)?[0-9]{2}',
  },
  {
    kind: 'payment-card',
    find: [
      `${apartFromDigits}((?:[0-9]{4}${gap}[0-9]{4}${gap}[0-9]{4}${gap}[0-9]{1,4}(?:${gap}[0-9]{3})?|[0-9]{4}${gap}[0-9]{6}${gap}[0-9]{4,5})\\b${goesOn})`,
    ],
    form: '[0-9 -]+',
    check: 'is_card',
    inNumbers: true,
  },
  {
    kind: 'ip-address',
    find: [
      `(?:^|[^0-9A-Za-z.])(${byte}(?:[.]${byte}){3}(?:[.]?[0-9A-Za-z]+)*)`,
      `(?:^|[^0-9A-Za-z.:])([0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Za-z:]*(?:[.][0-9]+)*)`,
    ],
    form: `${byte}([.]${byte}){3}|${ipV6}`,
  },
] as const satisfies readonly Identifier[];

/** The kinds of identifiers that are known by their form. */
export type FormKind = (typeof identifiers)[number]['kind'];

/** The checks, as macros of the engine. A candidate's digits are counted from 1, from the left. */
export const checks: readonly string[] = [
  `create macro digits_of(text) as regexp_replace(text, '[^0-9]', '', 'g')`,
  // Weights 10 down to 2 and then the check digit make a multiple of 11. One digit ten times would, and is none.
  `create macro is_nhs_number(text) as
    list_sum(list_transform(range(1, 11), lambda i: (11 - i) * cast(digits_of(text)[i] as integer))) % 11 = 0
    and not regexp_full_match(digits_of(text), '0{10}|1{10}|2{10}|3{10}|4{10}|5{10}|6{10}|7{10}|8{10}|9{10}')`,
  // Luhn: from the right every second digit is doubled, and its own digits added up.
  `create macro is_luhn(digits) as
    list_sum(list_transform(range(1, length(digits) + 1), lambda i:
      case when i % 2 = 1 then cast(digits[length(digits) + 1 - i] as integer)
      else cast(digits[length(digits) + 1 - i] as integer) * 2 // 10 + cast(digits[length(digits) + 1 - i] as integer) * 2 % 10 end)) % 10 = 0`,
  // Issuers: Visa, Mastercard, American Express, Discover, Maestro, JCB, UnionPay, Diners.
  `create macro is_card(text) as
    regexp_full_match(digits_of(text), ${literal(
      [
        '4[0-9]{12}([0-9]{3}){0,2}',
        '(5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}',
        '3[47][0-9]{13}',
        '(6011|65[0-9]{2}|64[4-9][0-9])[0-9]{12}',
        '(50|5[6-8]|6304|6759|676[1-3])[0-9]{10,17}',
        '35(2[89]|[3-8][0-9])[0-9]{12}',
        '62[0-9]{14,17}',
        '3(0[0-5]|[689][0-9])[0-9]{11}',
      ].join('|'),
    )}) and is_luhn(digits_of(text))`,
  // Ofcom's numbering plan, written as it is dialled here: 10 or 11 digits from 0.
  `create macro is_phone(text) as
    regexp_full_match(
      regexp_replace(regexp_replace(text, '^([+]|00)44[ -]?([(]0[)])?[ -]?[(]?0?', '0'), '[ ()-]', '', 'g'),
      '01[1-9][0-9]{7,8}|02[03489][0-9]{8}|03[0347][0-9]{8}|05[56][0-9]{8}|07[0-9]{9}|08[0478][0-9]{7,8}|09[018][0-9]{8}')`,
  `create macro is_ni_number(text) as upper(left(text, 2)) not in ('BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ')`,
  // The two digits of the year and the seven of the serial are one number; what is left by 23 picks the letter.
  `create macro pnc_letter(year, serial) as
    'ZABCDEFGHJKLMNPQRTUVWXY'[cast(year || lpad(serial, 7, '0') as bigint) % 23 + 1]`,
  `create macro is_pnc_id(text) as
    upper(right(text, 1)) = case
      when regexp_full_match(text, '[0-9]{2}/.*') then pnc_letter(left(text, 2), digits_of(text)[3:])
      else pnc_letter(substr(text, 3, 2), digits_of(text)[5:]) end`,
];

/** The list of candidates in the column `value`, and the list of those in a list `candidates` that are one, as SQL. */
export function searchFor({ find, form, check }: Identifier): {
  candidates: string;
  sound: (candidates: string) => string;
} {
  const all = find.map((expression) => `regexp_extract_all(value, ${literal(expression)}, 1)`);
  const lists = all.length === 1 ? all.join('') : `list_concat(${all.join(', ')})`;
  return {
    candidates: form ? `list_filter(${lists}, lambda x: regexp_full_match(x, ${literal(form)}))` : lists,
    sound: (candidates) => (check ? `list_filter(${candidates}, lambda x: ${check}(x))` : candidates),
  };
}
