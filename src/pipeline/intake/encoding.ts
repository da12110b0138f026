/** What a text file was read as. */
export type Encoding = 'utf-8' | 'utf-16' | 'windows-1252';
