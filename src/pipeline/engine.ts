import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BLOB,
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBScalarFunction,
  STRUCT,
  VARCHAR,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { literal } from './literal.ts';
import type { OfTexts } from './pseudonym.ts';

/** A row of an answer: numbers are numbers, blank is null. */
export type Row = Record<string, string | number | boolean | null>;

/** A DuckDB in this process's memory that can reach one folder and nothing else. */
export type Engine = {
  /** `hear` is told a few times a second which share of what the statement reads has been read. */
  run: (sql: string, hear?: (share: number) => void) => Promise<void>;
  rows: (sql: string) => Promise<Row[]>;
  /** An answer of texts and whole numbers a few thousand rows at a time, each time by column. */
  chunks: (sql: string) => AsyncGenerator<readonly (readonly unknown[])[], void>;
  /** An answer of whole numbers, by column. */
  columns: (sql: string) => Promise<Record<string, Int32Array>>;
  /** A function of one text in SQL, of its bytes (`encode`), that gives a struct of its parts: `part0` and so on. Blank gives blank parts. */
  define: (name: string, parts: number, of: OfTexts) => void;
  close: () => void;
};

const lookedAtEvery = 200; // ms
const textBytes = 16;

/**
 * Opens the engine on a folder of ours (absolute, with no symbolic link in its path). It spills there what does
 * not fit into its 256 MB, which leaves room for Node in 512 MB, and cannot be talked into anything else:
 * no other file, no network, no extension, and no setting once it is locked.
 */
export async function openEngine(folder: string): Promise<Engine> {
  const spill = join(folder, 'spill');
  await mkdir(spill, { mode: 0o700 });
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '256MB',
    threads: '2',
    temp_directory: spill,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_persistent_secrets: 'false',
  });
  const connection = await instance.connect();
  // The order matters: once external access is off, or the settings are locked, the folder cannot be named.
  await connection.run(`set allowed_directories = [${literal(`${folder}/`)}]`);
  await connection.run('set enable_progress_bar = true');
  await connection.run('set enable_progress_bar_print = false');
  await connection.run('set enable_external_access = false');
  await connection.run('set lock_configuration = true');
  return engineOn(connection, () => instance.closeSync());
}

function engineOn(connection: DuckDBConnection, closeInstance: () => void): Engine {
  return {
    async run(sql, hear) {
      const looking =
        hear && setInterval(() => hear(Math.max(0, connection.progress.percentage) / 100), lookedAtEvery);
      try {
        await connection.run(sql);
      } finally {
        clearInterval(looking);
      }
    },
    async rows(sql) {
      const answer = await connection.runAndReadAll(sql);
      return answer
        .getRowObjectsJS()
        .map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([name, value]) => [
              name,
              typeof value === 'string' || typeof value === 'boolean' || value === null
                ? value
                : Number(value),
            ]),
          ),
        );
    },
    async *chunks(sql) {
      const answer = await connection.stream(sql);
      for (;;) {
        const chunk = await answer.fetchChunk();
        if (!chunk || chunk.rowCount === 0) return;
        yield chunk.getColumns();
      }
    },
    async columns(sql) {
      const answer = await connection.run(sql);
      const chunks = await answer.fetchAllChunks();
      const rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
      return Object.fromEntries(
        answer.columnNames().map((name, column) => {
          const values = new Int32Array(rows);
          let at = 0;
          for (const chunk of chunks) {
            values.set(chunk.getColumnValues(column) as number[], at);
            at += chunk.rowCount;
          }
          return [name, values];
        }),
      );
    },
    define(name, parts, of) {
      const made = new DuckDBScalarFunction();
      made.setName(name);
      made.addParameter(BLOB);
      made.setReturnType(
        STRUCT(Object.fromEntries(Array.from({ length: parts }, (_, part) => [`part${part}`, VARCHAR]))),
      );
      // Whole columns as they lie in memory: a call for each value would take longer than what is done with it.
      duckdb.scalar_function_set_function(made.scalar_function, (_, chunk, result) => {
        const count = duckdb.data_chunk_get_size(chunk);
        const given = duckdb.data_chunk_get_vector(chunk, 0);
        const texts = duckdb.vector_get_data(given, count * textBytes);
        const valid = duckdb.vector_get_validity(given, Math.ceil(count / 64) * 8);
        const blank = (at: number) => ((valid?.[at >> 3] ?? 255) & (1 << (at & 7))) === 0;
        const longer = (at: number) =>
          duckdb.get_data_from_pointer(
            texts.buffer as ArrayBuffer,
            texts.byteOffset + at * textBytes + 8,
            new DataView(texts.buffer, texts.byteOffset).getUint32(at * textBytes, true),
          );
        for (const [part, column] of of(texts, count, blank, longer).entries()) {
          const to = duckdb.struct_vector_get_child(result, part);
          duckdb.copy_data_to_vector(to, 0, column.buffer as ArrayBuffer, column.byteOffset, column.length);
          if (!valid) continue;
          duckdb.vector_ensure_validity_writable(to);
          duckdb.copy_data_to_vector_validity(
            to,
            0,
            valid.buffer as ArrayBuffer,
            valid.byteOffset,
            valid.length,
          );
        }
      });
      connection.registerScalarFunction(made);
    },
    close() {
      connection.closeSync();
      closeInstance();
    },
  };
}

/** The one row of an answer that sums up. */
export function only(rows: Row[]): Row {
  const [row] = rows;
  if (!row) throw new Error('A query that sums up gave no row.');
  return row;
}

/** The rows of the file that an answer names. */
export function rowNumbers(rows: readonly Row[]): number[] {
  return rows.map(({ row }) => Number(row));
}
