import { defineConfig } from 'oxlint'

/**
 * The walls: the data's way, top to bottom. Each room names the rooms it may import; everything else is an
 * error. To change a wall, change this table alone and say why in the commit.
 */
const mayImport: Record<string, string[]> = {
  wire: [],
  schema: [],
  status: ['wire'],
  sync: ['wire', 'status'],
  connector: ['wire'],
  storage: ['wire', 'schema', 'sync'],
  engine: ['wire', 'schema', 'status', 'sync', 'storage', 'connector'],
  replay: ['wire', 'schema', 'status', 'sync', 'storage', 'engine'],
  daemon: ['engine', 'schema', 'status', 'connector'],
  serve: ['daemon', 'connector', 'schema', 'status'],
  ipc: ['status', 'daemon'],
  web: ['daemon', 'ipc'],
  demo: ['wire', 'connector', 'schema'],
  tracker: ['daemon', 'demo', 'schema', 'connector'],
}

/** Pure rooms: no packages, no clock, no chance, no I/O. Time and randomness arrive inside events. */
const pure = ['wire', 'schema', 'status', 'sync']
const ambient = [
  'Date',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'process',
  'console',
  'performance',
  'crypto',
]

const noPackages = { regex: '^(?:[^.b]|b[^s])', message: 'Pure rooms import no packages (wire: bson).' }
const noElectron = { regex: '^electron(?:$|/)', message: 'Only electron/ imports electron.' }
const noSqlite = { regex: '^better-sqlite3', message: 'Only storage/ imports better-sqlite3.' }

const rooms = Object.entries(mayImport).map(([room, allowed]) => ({
  files: [`src/${room}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            // A folder within a room may look up into its own room.
            group: [
              '../**',
              '!../*.ts',
              ...allowed.flatMap((name) => [`!../${name}/**`, `!../../${name}/**`]),
            ],
            message: `${room} may import: ${allowed.join(', ') || 'nothing'}.`,
          },
          ...(pure.includes(room)
            ? [noPackages]
            : room === 'storage'
              ? [noElectron]
              : [noElectron, noSqlite]),
        ],
      },
    ],
    ...(pure.includes(room) && {
      'no-restricted-globals': ['error', ...ambient],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random' }],
    }),
  },
}))

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'oxc', 'react'],
  ignorePatterns: ['.vite/**', 'dist/**', 'out/**', 'test/captures/*/**'],
  rules: {
    'import/no-cycle': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'off',
    'unicorn/no-array-sort': 'off',
  },
  overrides: [
    ...rooms,
    {
      files: ['renderer/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                group: ['**/src/**', '!**/src/status/**', '!**/src/ipc/client/**'],
                allowTypeImports: true,
                message: 'At run time the renderer sees only status and ipc/client.',
              },
              { regex: '^(?:node:|electron(?:$|/)|better-sqlite3)', message: 'The renderer has no Node.' },
            ],
          },
        ],
      },
    },
  ],
} as never)
