import { defineConfig } from 'vitest/config';

// Rules touch no database, service tests get a real PostgreSQL, journeys a real browser too; faults break things.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'rules',
          include: ['src/**/*.test.ts', 'rulebook/**/*.test.ts', 'test/rules/**/*.test.ts'],
          exclude: ['src/**/*.service.test.ts'],
          testTimeout: 60_000, // a machine that is busy is not a fault
        },
      },
      {
        test: {
          name: 'service',
          include: ['src/**/*.service.test.ts', 'test/service/**/*.test.ts'],
          globalSetup: ['test/support/postgres.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          maxConcurrency: 2,
        },
      },
      {
        test: {
          name: 'journeys',
          include: ['test/journeys/**/*.test.ts', 'test/install/**/*.test.ts'],
          globalSetup: ['test/support/postgres.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
