/** The table of the public names is whole: what an app can import and call stands in `src/API.md`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Every word that stands in code. */
const told = new Set(
  [...read('src/API.md').matchAll(/`[^`]+`/g)].flatMap(([code]) => code.match(/\w+/g) ?? []),
)

const faces = read('src/daemon/daemon.ts')

describe.each([
  'Daemon',
  'DaemonOptions',
  'ConnectOptions',
  'SyncStream',
  'SyncStreamSubscription',
  'SubscribeOptions',
  'ClearOptions',
])('%s', (name) => {
  test('each member is in the table', () => {
    const body = new RegExp(`^export interface ${name} \\{$([\\s\\S]*?)^\\}$`, 'm').exec(faces)![1]!
    const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?(<:]/gm)].map(([, member]) => member!)
    expect(members.length).toBeGreaterThan(1)
    expect(members.filter((member) => !told.has(member))).toEqual([])
  })
})

test.each(['src/index.ts', 'src/ipc/client/index.ts', 'src/ipc/client/react.tsx', 'electron/index.ts'])(
  'each value that %s exports is in the table',
  (path) => {
    const text = read(path)
    const lists = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) => list!.split(','))
    const listed = lists.map((item) => item.trim()).filter((item) => item !== '' && !item.startsWith('type '))
    const declared = [...text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(
      ([, name]) => name!,
    )
    const names = [...listed, ...declared]
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !told.has(name))).toEqual([])
  },
)
